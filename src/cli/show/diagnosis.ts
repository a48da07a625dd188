import type { Diagnosis } from '../../doctor/diagnosis.js';
import type { Style } from '../style.js';
import { pairs, table } from '../table.js';

/** What is there, what is not and what to do, what gets in the way, and what may surprise. */
export function showDiagnosis(diagnosis: Diagnosis, style: Style): string[] {
  return [
    ...host(diagnosis, style),
    '',
    ...features(diagnosis, style),
    ...section('lacking', lacks(diagnosis), style),
    ...section(
      'in conflict',
      diagnosis.conflicts.map(({ what, effect, remedy }) => `${what}: ${effect}; ${remedy}`),
      style,
    ),
    ...section(
      'to know',
      diagnosis.notes.map(({ text }) => text),
      style,
    ),
    '',
    ...Object.entries(diagnosis.roles).map(([role, works]) =>
      works ? style.good(`a ${role} can be attached here`) : style.bad(`a ${role} cannot be attached here`),
    ),
  ];
}

function host({ kernel, libbpf, mounts: { cgroup, bpffs } }: Diagnosis, style: Style): string[] {
  return pairs(
    [
      ['kernel', `Linux ${kernel.release}, ${kernel.architecture}`],
      ['libbpf', libbpf ?? style.bad('not installed: apt install libbpf1')],
      ['cgroup v2', cgroup === null ? style.bad('not mounted') : `${cgroup.point} (${cgroup.layout})`],
      ['bpffs', bpffs.mounted ? bpffs.point : `not mounted on ${bpffs.point}; attach does that`],
    ],
    style,
  );
}

function features({ findings }: Diagnosis, style: Style): string[] {
  const paint = { present: style.good, missing: style.bad, unknown: style.faint };
  return table(
    [{ title: 'FEATURE' }, { title: 'SINCE' }, { title: 'STATE' }, { title: 'FOR' }, { title: 'DETAIL' }],
    findings.map(({ name, since, state, roles, required, detail }) => [
      name,
      since,
      paint[state](state),
      `${roles.join(', ')}${required ? '' : ' (optional)'}`,
      detail ?? '',
    ]),
    style,
  );
}

function lacks({ findings }: Diagnosis): string[] {
  return findings
    .filter(({ state }) => state === 'missing')
    .map(({ name, without, remedy }) => `${name}: ${without}; ${remedy}`);
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : ['', style.heading(title), ...lines.map((line) => `  ${line}`)];
}
