import { LIMITS } from './layout.js';

const NS_PER_MS = 1_000_000;

/** Milliseconds in ticks of the program's clock (1.05 ms), rounded; none only where there are no milliseconds. */
export function ticksOf(ms: number): number {
  return ms === 0 ? 0 : Math.max(1, Math.round((ms * NS_PER_MS) / 2 ** LIMITS.tickShift));
}

/** The reverse of {@link ticksOf}, to the millisecond. */
export function msOf(ticks: number): number {
  return Math.round((ticks * 2 ** LIMITS.tickShift) / NS_PER_MS);
}
