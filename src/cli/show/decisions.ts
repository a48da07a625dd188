import type { Decision } from '../../receiver/explain.js';
import { OUTCOMES, type Outcome, type OutcomeName } from '../../receiver/outcomes.js';
import type { ReceiverStats } from '../../receiver/stats.js';
import { formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { formatCount, formatCounted, formatInstant } from '../units.js';

/** The refusals, what they mean and what to do next, and what became of all connections. */
export function showExplanation(
  refusals: readonly Decision[],
  { established, outcomes }: ReceiverStats,
  style: Style,
): string[] {
  const happened = OUTCOMES.filter(({ name }) => outcomes[name] > 0n);
  const meant = happened.filter((outcome) => outcome.name !== 'tagged');
  const counts = happened.map(({ name }) => `${formatCount(outcomes[name])} ${name}`);
  return [
    ...(refusals.length === 0
      ? ['no refusal is on record']
      : refusals.flatMap((one) => showDecision(one, style))),
    '',
    ...meant.flatMap(({ name }) => showMeaning(name, style)),
    ...(meant.length > 0 ? [''] : []),
    [`${formatCounted(established, 'connection')} established`, ...counts].join(', '),
  ];
}

/** One decision: when, what, between whom, on which option, and the bytes it was made on. */
export function showDecision(decision: Decision, style: Style): string[] {
  const { at, outcome, peer, local, options, described, about, syn } = decision;
  const paint = outcome === 'tagged' || outcome === 'nat64' ? style.good : style.bad;
  const from = `from ${formatEndpoint(peer)} to ${formatEndpoint(local)}`;
  return [
    `${formatInstant(at)}  ${paint(outcome)}  ${from}`,
    ...(about === undefined ? [] : [`    about    ${about}`]),
    `    options  ${options === '' ? 'none' : options}${syn ? ' (of the SYN)' : ''}`,
    ...(described.length === 0 ? [] : [`             ${style.faint(described.join(', '))}`]),
  ];
}

/** What an outcome means, and what to do next where something is to be done. */
export function showMeaning(name: OutcomeName, style: Style): string[] {
  const { says, next }: Outcome = OUTCOMES.find((outcome) => outcome.name === name)!;
  return [`${style.heading(name)}: ${says}`, ...(next === undefined ? [] : [`    next: ${next}`])];
}
