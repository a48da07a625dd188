import type { TaggerStatus } from '../../tagger/status.js';
import type { Style } from '../style.js';
import { pairs } from '../table.js';
import { formatAge, formatCount, formatCounted, formatShare, formatTime } from '../units.js';
import { showTaggerKinds } from './tagger-attached.js';

/** A block for each tagger. @param now for ages. */
export function showTaggerStatuses(
  taggers: readonly TaggerStatus[],
  style: Style,
  now: Date = new Date(),
): string[] {
  if (taggers.length === 0)
    return [style.bad('not attached'), 'attach a tagger with: truepeer tagger attach --cgroup PATH'];
  return taggers.flatMap((tagger, at) => [...(at === 0 ? [] : ['']), ...showTagger(tagger, style, now)]);
}

function showTagger(tagger: TaggerStatus, style: Style, now: Date): string[] {
  const { problems, opened, tagged } = tagger;
  const health =
    problems.length === 0
      ? style.good('attached')
      : style.bad(`attached, with ${formatCounted(problems.length, 'problem')}`);
  const ago = (at: Date) => `${formatTime(at)} (${formatAge(now.getTime() - at.getTime())} ago)`;
  return pairs(
    [
      ['tagger', `${health}, version ${tagger.version}`],
      ...problems.map((problem) => ['problem', style.bad(problem)] as const),
      ['cgroup', tagger.cgroup],
      ['attached', ago(tagger.since)],
      ['changed', ago(tagger.changed)],
      ['writes', `${showTaggerKinds(tagger)}, on ${tagger.on.join(', ')}`],
      [
        'connections',
        `${formatCount(opened)} opened, ${formatCount(tagged)} of them (${formatShare(tagged, opened)}) tagged`,
      ],
      ['programs', tagger.programs.map(({ name, programId }) => `${name} ${programId}`).join(', ')],
    ],
    style,
  );
}
