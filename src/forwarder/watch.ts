import { pause } from '../lifecycle/pause.js';
import { type Counted, type ForwarderStats, ratesBetween } from './stats.js';

export interface ForwarderSample {
  readonly stats: ForwarderStats;
  /** Since the sample before; absent in the first one. */
  readonly perSecond?: Counted<number>;
}

/** The statistics again and again, until the signal. Throws what `read` does. */
export async function* watchForwarderStats(
  read: () => ForwarderStats,
  signal: AbortSignal,
  everyMs = 1_000,
): AsyncGenerator<ForwarderSample> {
  let before: { readonly stats: ForwarderStats; readonly at: number } | undefined;
  while (!signal.aborted) {
    const stats = read();
    const at = performance.now();
    yield before === undefined
      ? { stats }
      : { stats, perSecond: ratesBetween(before.stats, stats, (at - before.at) / 1_000) };
    before = { stats, at };
    await pause(everyMs, signal);
  }
}
