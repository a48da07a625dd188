import type { Descriptor } from '../kernel/descriptor.js';
import { index, lookupPerCpu } from '../kernel/map.js';
import { COUNTERS, type CounterName, FORWARDER_COUNTERS } from './layout.js';

/** A number for each counter. */
export type PerCounter<T> = Readonly<Record<CounterName, T>>;

/** What the program has counted since it was first attached; upgrades in place count on. */
export interface Counted<T> {
  /** Everything below together. */
  readonly total: PerCounter<T>;
  readonly services: readonly { readonly service: string; readonly counters: PerCounter<T> }[];
  /** What belongs to no service. */
  readonly none: PerCounter<T>;
}

export type ForwarderStats = Counted<bigint>;

/**
 * @param counters the map of that name
 * @param services names by number
 * @throws {KernelError}
 */
export function readCounters(counters: Descriptor, services: ReadonlyMap<number, string>): ForwarderStats {
  const none = countersOf(counters, 0);
  const each = [...services].map(([number, service]) => ({
    service,
    counters: countersOf(counters, number),
  }));
  const all = [none, ...each.map(({ counters }) => counters)];
  const total = perCounter((name) => all.reduce((sum, one) => sum + one[name], 0n));
  return { total, services: each, none };
}

/** One counter, of some services together; 0 stands for none. @throws {KernelError} */
export function readCounter(counters: Descriptor, name: CounterName, services: Iterable<number>): bigint {
  let sum = 0n;
  for (const service of services)
    for (const values of lookupPerCpu(counters, index(service), FORWARDER_COUNTERS.size))
      sum += values.readBigUInt64LE(offsetOf(name));
  return sum;
}

/** How much was counted a second between two looks. */
export function ratesBetween(
  before: ForwarderStats,
  after: ForwarderStats,
  seconds: number,
): Counted<number> {
  const rate = (from: PerCounter<bigint> | undefined, to: PerCounter<bigint>) =>
    perCounter((name) => Number(to[name] - (from?.[name] ?? 0n)) / seconds);
  const earlier = new Map(before.services.map(({ service, counters }) => [service, counters]));
  return {
    total: rate(before.total, after.total),
    services: after.services.map(({ service, counters }) => ({
      service,
      counters: rate(earlier.get(service), counters),
    })),
    none: rate(before.none, after.none),
  };
}

/** A value for every counter. */
export function perCounter<T>(of: (name: CounterName) => T): PerCounter<T> {
  return Object.fromEntries(COUNTERS.map((name) => [name, of(name)])) as PerCounter<T>;
}

function countersOf(map: Descriptor, service: number): PerCounter<bigint> {
  const perCpu = lookupPerCpu(map, index(service), FORWARDER_COUNTERS.size);
  return perCounter((name) =>
    perCpu.reduce((sum, values) => sum + values.readBigUInt64LE(offsetOf(name)), 0n),
  );
}

function offsetOf(name: CounterName): number {
  return FORWARDER_COUNTERS.count + 8 * COUNTERS.indexOf(name);
}
