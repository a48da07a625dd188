import { OUTCOMES, type OutcomeName } from '../../receiver/outcomes.js';
import type { ReceiverStats } from '../../receiver/stats.js';

/** A value for every outcome: those given, and `rest` for all others. */
export function eachOutcome<T>(given: Partial<Record<OutcomeName, T>>, rest: T): Record<OutcomeName, T> {
  return Object.fromEntries(OUTCOMES.map(({ name }) => [name, given[name] ?? rest])) as Record<
    OutcomeName,
    T
  >;
}

/** Statistics with these outcomes, in which `established` is their sum. */
export function statsWith(given: Partial<Record<OutcomeName, bigint>>): ReceiverStats {
  const outcomes = eachOutcome(given, 0n);
  return {
    established: Object.values(outcomes).reduce((sum, count) => sum + count, 0n),
    outcomes,
    peername: { client: 3n, mismatch: 1n, transport: 20n, other: 0n },
    sockopt: 5n,
  };
}
