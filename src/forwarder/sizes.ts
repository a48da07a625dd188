import { BACKEND, BUCKET, CONNECTION, LIMITS, REFERENCE, SERVICE } from './layout.js';

/** How many entries the maps have that are sized by the capacity. */
export interface Sizes {
  /** Of the connections, and buckets to find them by. */
  readonly slots: number;
  readonly embryos: number;
}

/** Closed connections keep their slots for a while, and a table that is nearly full is slow to search. */
const SPARE = 1.25;

const EMBRYOS = { share: 1 / 8, least: 1_024, most: 65_536 } as const;

/** @param capacity concurrent connections */
export function sizesFor(capacity: number): Sizes {
  const slots = Math.ceil(capacity * SPARE);
  return {
    slots,
    embryos: Math.min(EMBRYOS.most, Math.max(EMBRYOS.least, Math.ceil(slots * EMBRYOS.share))),
  };
}

/** The capacity that so many slots were made for. */
export function capacityOf(slots: number): number {
  return Math.floor(slots / SPARE);
}

/** Why the table of an attached forwarder is none for a capacity; undefined where it is. */
export function tableProblem(slots: number, capacity: number): string | undefined {
  if (slots === sizesFor(capacity).slots) return undefined;
  return (
    `the attached forwarder has room for ${capacityOf(slots)} connections, and \`capacity: ${capacity}\` would take ` +
    `another table: leave it at ${capacityOf(slots)}, or run \`truepeer forwarder detach\` first, which ends them all`
  );
}

/** About how many bytes of memory the kernel takes for the maps, all at once and whether or not there are connections. */
export function memoryFor(capacity: number): number {
  const { slots, embryos } = sizesFor(capacity);
  return (
    slots * (aligned(CONNECTION.size) + aligned(BUCKET.size)) +
    embryos * aligned(REFERENCE.size) +
    LIMITS.servicesMax * (aligned(SERVICE.size) + LIMITS.scheduleSize * aligned(4)) +
    LIMITS.backendsMax * aligned(BACKEND.size)
  );
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
