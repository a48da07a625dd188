import type { Health } from '../../lifecycle/health.js';
import type { Style } from '../style.js';
import { formatAge, formatCounted, formatTime } from '../units.js';

/** What every role's status says first, as pairs of a name and words. */
export function showHealth(
  role: string,
  status: Health & { readonly version: string; readonly problems: readonly string[] },
  cgroup: string,
  style: Style,
  now: Date,
): (readonly [string, string])[] {
  const { problems, version, since, changed } = status;
  const health =
    problems.length === 0
      ? style.good('attached')
      : style.bad(`attached, with ${formatCounted(problems.length, 'problem')}`);
  const ago = (at: Date) => `${formatTime(at)} (${formatAge(now.getTime() - at.getTime())} ago)`;
  return [
    [role, `${health}, version ${version}`],
    ...problems.map((problem) => ['problem', style.bad(problem)] as const),
    ['cgroup', cgroup],
    ['attached', ago(since)],
    ['changed', ago(changed)],
  ];
}
