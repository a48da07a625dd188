import type { TagDecision } from '../../tagger/explain.js';
import { TAG_OUTCOMES } from '../../tagger/outcomes.js';
import type { TaggerStats } from '../../tagger/stats.js';
import { formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { formatCount, formatCounted, formatInstant } from '../units.js';

/** The connections that went untagged, what that means and what to do next, and what became of all. */
export function showTagExplanation(
  untagged: readonly TagDecision[],
  { opened, outcomes }: TaggerStats,
  style: Style,
): string[] {
  const happened = TAG_OUTCOMES.filter(({ name }) => outcomes[name] > 0n);
  const meant = happened.filter((outcome) => 'next' in outcome);
  return [
    ...(untagged.length === 0
      ? ['every connection on record that had a client was tagged']
      : untagged.map((one) => showTagDecision(one, style))),
    ...meant.flatMap((outcome) => [
      '',
      `${style.heading(outcome.name)}: ${outcome.says}`,
      ...('next' in outcome ? [`    next: ${outcome.next}`] : []),
    ]),
    '',
    [
      `${formatCounted(opened, 'connection')} opened`,
      ...happened.map(({ name }) => `${formatCount(outcomes[name])} ${name}`),
    ].join(', '),
  ];
}

/** One decision: when, what, for whom, to where. */
export function showTagDecision(
  { at, outcome, client, backend, written }: TagDecision,
  style: Style,
): string {
  const paint = outcome === 'tagged' ? style.good : outcome === 'no-client' ? style.faint : style.bad;
  const whose = client === undefined ? 'its own' : `for ${formatEndpoint(client)}`;
  const on = written.length === 0 ? '' : `, written on ${written.join(', ')}`;
  return `${formatInstant(at)}  ${paint(outcome)}  ${whose} to ${formatEndpoint(backend)}${on}`;
}
