import { LIMITS } from '../layout.js';
import type { Scheduler } from '../settings.js';
import { interleave } from './interleave.js';
import { type Candidate, maglevTable, withoutAbsent } from './maglev.js';
import { divide } from './shares.js';

/** A backend as a scheduler sees it. */
export interface Schedulable extends Candidate {
  /** What stands for it in the table. */
  readonly number: number;
  /** Whether it gets new connections now: it is up, and not drained. */
  readonly available: boolean;
}

/**
 * A service's part of the map `schedule`, as its scheduler wants it.
 *
 * @param backends those with a weight above 0, in any order.
 * @returns backend numbers; none where no backend is available.
 */
export function scheduleOf(scheduler: Scheduler, backends: readonly Schedulable[]): Uint32Array {
  const available = backends.filter((backend) => backend.available);
  if (available.length === 0) return new Uint32Array();
  switch (scheduler) {
    case 'maglev':
    case 'source':
      return hashTable(backends);
    case 'round-robin':
      return roundRobin(available);
    case 'least-connections':
      return numbersOf(available);
  }
}

/** Forwarders with the same backends shall have the same table, in whatever order their configurations name them. */
function hashTable(backends: readonly Schedulable[]): Uint32Array {
  const ordered = backends.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const table = maglevTable(ordered, LIMITS.scheduleSize);
  const present = withoutAbsent(table, ordered, (at) => ordered[at]!.available);
  const numbers = numbersOf(ordered);
  for (let entry = 0; entry < present.length; entry++) present[entry] = numbers[present[entry]!]!;
  return present;
}

/** As short as the weights allow. */
function roundRobin(backends: readonly Schedulable[]): Uint32Array {
  const weights = backends.map(({ weight }) => weight);
  const divisor = weights.reduce(greatestCommonDivisor);
  const turns = Uint32Array.from(weights, (weight) => weight / divisor);
  const length = turns.reduce((sum, count) => sum + count, 0);
  const numbers = numbersOf(backends);
  return interleave(length <= LIMITS.scheduleSize ? turns : divide(weights, LIMITS.scheduleSize)).map(
    (at) => numbers[at]!,
  );
}

function numbersOf(backends: readonly Schedulable[]): Uint32Array {
  return Uint32Array.from(backends, ({ number }) => number);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
