import { LIMITS } from './layout.js';

const TICK_NS = 2 ** LIMITS.tickShift;

/** The present tick of the program's clock, which has 32 bits. */
export function tickNow(): number {
  return Number((process.hrtime.bigint() >> BigInt(LIMITS.tickShift)) & 0xffff_ffffn);
}

/** Milliseconds from one tick to another. Beyond 52 days ticks come again. */
export function msBetween(earlier: number, later: number): number {
  const ticks = (later - earlier) | 0;
  // The program's clock is a few milliseconds behind, so that later may be the earlier one.
  return ticks < 0 && ticks > -1_000 ? 0 : ((ticks >>> 0) * TICK_NS) / 1_000_000;
}
