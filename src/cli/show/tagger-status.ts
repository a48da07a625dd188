import type { TaggerStatus } from '../../tagger/status.js';
import type { Style } from '../style.js';
import { pairs } from '../table.js';
import { formatCount, formatShare } from '../units.js';
import { showHealth } from './health.js';
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
  const { opened, tagged } = tagger;
  return pairs(
    [
      ...showHealth('tagger', tagger, tagger.cgroup, style, now),
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
