import { pause } from '../lifecycle/pause.js';
import { OUTCOMES, type OutcomeName } from './outcomes.js';
import { type ReceiverStats, readStats } from './stats.js';

/** Connections per second. */
export interface Rates {
  readonly established: number;
  readonly outcomes: Readonly<Record<OutcomeName, number>>;
}

export interface StatsSample {
  readonly stats: ReceiverStats;
  /** Since the sample before; absent in the first one. */
  readonly perSecond?: Rates;
}

/**
 * The statistics again and again, until the signal.
 *
 * @throws NotAttachedError, PrivilegeError, KernelError
 */
export async function* watchStats(signal: AbortSignal, everyMs: number = 1_000): AsyncGenerator<StatsSample> {
  let before: { readonly stats: ReceiverStats; readonly at: number } | undefined;
  while (!signal.aborted) {
    const stats = readStats();
    const at = performance.now();
    yield before === undefined
      ? { stats }
      : { stats, perSecond: ratesBetween(before.stats, stats, (at - before.at) / 1_000) };
    before = { stats, at };
    await pause(everyMs, signal);
  }
}

/** A receiver that was detached and attached meanwhile counts from 0 again: then everything is new. */
export function ratesBetween(before: ReceiverStats, after: ReceiverStats, seconds: number): Rates {
  const restarted = after.established < before.established;
  const rate = (from: bigint, to: bigint) => Number(restarted ? to : to - from) / seconds;
  return {
    established: rate(before.established, after.established),
    outcomes: Object.fromEntries(
      OUTCOMES.map(({ name }) => [name, rate(before.outcomes[name], after.outcomes[name])]),
    ) as Record<OutcomeName, number>,
  };
}
