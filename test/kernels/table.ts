import type { KeptResult, KeptTest } from './kept.js';
import type { FeatureResult } from './results.js';

const MARKS = { present: 'yes', missing: '—', unknown: '?' } as const;

/** The page docs/compatibility.md, from what the kernels' runs came to. `left` are suites that were not run. */
export function compatibilityPage(
  ran: readonly KeptResult[],
  left: Readonly<Record<string, string>>,
): string {
  return `${[
    '# Compatibility',
    `Written by \`npm run test:kernels -- --write\`; do not edit. The stock kernels of Debian's cloud images were booted in
virtual machines, and the end-to-end tests ran on each. Other distributions carry features back: what a kernel really
has, \`truepeer doctor\` says.
Which distributions the packages were tried on: [packages.md](packages.md).`,
    '## What each kernel has',
    table(['feature', 'for', 'since', ...ran.map(headOf)], featureRows(ran)),
    '## What was run there',
    `Run on ${ran.map((result) => `${daysOf(result)} (${headOf(result)})`).join(', ')}.`,
    'Numbers are tests: passed, then what was skipped or failed. An empty cell: not run there.',
    table(['suite', ...ran.map(headOf)], suiteRows(ran)),
    ...ran.flatMap(failed),
    ...ran.flatMap(skipped),
    '## What was not run, or less',
    'An emulated processor is many times slower, and says nothing about speed. Done in part, which `npm test` does in full:',
    lessOf(ran).join('\n'),
    'Not run:',
    Object.entries(left)
      .map(([suite, why]) => `- \`${suite}\`: ${why}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

function headOf({ release }: KeptResult): string {
  return release!.replace(/-cloud-amd64$/, '');
}

function daysOf({ tests }: KeptResult): string {
  return [...new Set(tests.map(({ day }) => day))].sort().join(' and ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function featureRows(results: readonly KeptResult[]): readonly (readonly string[])[] {
  const all = results.find(({ features }) => features.length > 0)?.features ?? [];
  return all.map(({ id, name, roles, since, required }) => [
    required ? name : `${name} (optional)`,
    roles.join(', '),
    since,
    ...results.map(({ features }) => cellOf(features.find((feature) => feature.id === id))),
  ]);
}

function cellOf(feature: FeatureResult | undefined): string {
  if (feature === undefined) return '';
  return feature.detail?.startsWith('not needed') ? 'not needed' : MARKS[feature.state];
}

function suiteRows(results: readonly KeptResult[]): readonly (readonly string[])[] {
  const suites = [...new Set(results.flatMap(({ tests }) => tests.map(({ suite }) => suite)))].sort();
  return suites.map((suite) => [
    suite,
    ...results.map(({ tests }) => countsOf(tests.filter((test) => test.suite === suite))),
  ]);
}

function countsOf(tests: readonly KeptTest[]): string {
  const count = (state: KeptTest['state']) => tests.filter((test) => test.state === state).length;
  const counts = [`${count('passed')}`];
  if (count('skipped') > 0) counts.push(`${count('skipped')} skipped`);
  if (count('failed') > 0) counts.push(`**${count('failed')} failed**`);
  return tests.length === 0 ? '' : counts.join(', ');
}

function failed(result: KeptResult): readonly string[] {
  const tests = result.tests.filter(({ state }) => state === 'failed');
  const lines = tests.map(({ suite, name, why }) => `- \`${suite}\`: ${name} — ${why}`);
  return tests.length === 0 ? [] : [`### Failed on ${headOf(result)}`, lines.join('\n')];
}

/** By the reason, which is the same for a whole role. */
function skipped(result: KeptResult): readonly string[] {
  const tests = result.tests.filter(({ state }) => state === 'skipped');
  const lines = [...new Set(tests.map(({ why }) => why))].map((reason) => {
    const those = tests.filter(({ why }) => why === reason);
    const suites = [...new Set(those.map(({ suite }) => `\`${suite}\``))];
    return `- ${reason}: ${those.length} ${those.length === 1 ? 'test' : 'tests'} of ${suites.join(', ')}`;
  });
  return lines.length === 0 ? [] : [`### Skipped on ${headOf(result)}`, lines.join('\n')];
}

function lessOf(results: readonly KeptResult[]): readonly string[] {
  return [
    ...new Set(results.flatMap(({ less }) => less.map(({ suite, what }) => `- \`${suite}\`: ${what}`))),
  ].sort();
}
