import { BACKEND, CONNECTION, LIMITS, REFERENCE, SERVICE, TUPLE } from './layout.js';

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

/** Of struct htab_elem and struct bucket of kernel/bpf/hashtab.c. */
const HASH_ENTRY_BYTES = 48;
const HASH_BUCKET_BYTES = 16;

/** About how many bytes of memory the kernel takes for the maps, all at once and whether or not there are connections. */
export function memoryFor(capacity: number): number {
  const { slots, tuples, embryos } = sizesFor(capacity);
  const buckets = 2 ** Math.ceil(Math.log2(tuples));
  return (
    slots * aligned(CONNECTION.size) +
    tuples * (HASH_ENTRY_BYTES + aligned(TUPLE.size) + aligned(REFERENCE.size)) +
    buckets * HASH_BUCKET_BYTES +
    embryos * aligned(REFERENCE.size) +
    LIMITS.servicesMax * (aligned(SERVICE.size) + LIMITS.scheduleSize * aligned(4)) +
    LIMITS.backendsMax * aligned(BACKEND.size)
  );
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
