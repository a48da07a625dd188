/** How many entries the maps have that are sized by the capacity. */
export interface Sizes {
  readonly slots: number;
  readonly tuples: number;
  readonly embryos: number;
}

/** Closed connections keep their slots for a while, and a table that is nearly full is slow to search. */
const SPARE = 1.25;

/** Each connection is found from both sides. */
const TUPLES_PER_SLOT = 2;

const EMBRYOS = { share: 1 / 8, least: 1_024, most: 65_536 } as const;

/** @param capacity concurrent connections */
export function sizesFor(capacity: number): Sizes {
  const slots = Math.ceil(capacity * SPARE);
  return {
    slots,
    tuples: TUPLES_PER_SLOT * slots,
    embryos: Math.min(EMBRYOS.most, Math.max(EMBRYOS.least, Math.ceil(slots * EMBRYOS.share))),
  };
}

/** The capacity that so many slots were made for. */
export function capacityOf(slots: number): number {
  return Math.floor(slots / SPARE);
}
