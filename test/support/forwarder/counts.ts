import assert from 'node:assert/strict';
import { COUNTERS, type CounterName, FORWARDER_COUNTERS } from '../../../src/forwarder/layout.js';
import type { Descriptor } from '../../../src/kernel/descriptor.js';
import { index, lookupPerCpu } from '../../../src/kernel/map.js';
import type { Verdict } from './bed.js';

/** What was counted, without what was not. */
export type Counts = Partial<Record<CounterName, number>>;

/** All services' counters up to a number, added up. */
export function readCounts(map: Descriptor, services: number): Counts {
  const sums = new Map<CounterName, number>();
  for (let service = 0; service <= services; service++)
    for (const value of lookupPerCpu(map, index(service), FORWARDER_COUNTERS.size))
      for (const [at, name] of COUNTERS.entries())
        sums.set(name, (sums.get(name) ?? 0) + Number(value.readBigUInt64LE(8 * at)));
  return Object.fromEntries(sums);
}

/** What was counted between two readings. */
export function countsBetween(before: Counts, after: Counts): Counts {
  const grown = COUNTERS.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count !== 0));
}

const FORWARDED: readonly CounterName[] = ['toBackend', 'toClient', 'icmpToBackend', 'icmpToClient'];
const ANSWERED: readonly CounterName[] = [
  'resetUnknown',
  'resetFormer',
  'resetMissing',
  'resetDown',
  'resetAborted',
  'tooBig',
];
const isDrop = (name: CounterName): boolean => name.startsWith('drop');

/** Asserts that one frame was counted under exactly one fate, and that the verdict is that fate's. */
export function assertAccounted(verdict: Verdict, counts: Counts): void {
  const fates = COUNTERS.filter(
    (name) => counts[name] && (FORWARDED.includes(name) || ANSWERED.includes(name) || isDrop(name)),
  );
  const what = `${verdict}, counted as ${JSON.stringify(counts)}`;
  if (verdict === 'pass') {
    assert.deepEqual(fates, [], what);
    return;
  }
  assert.equal(fates.length, 1, what);
  const [fate] = fates as [CounterName];
  assert.equal(counts[fate], 1, what);
  const fitting: readonly Verdict[] = isDrop(fate) ? ['drop'] : ANSWERED.includes(fate) ? ['tx'] : SENT;
  assert.ok(fitting.includes(verdict), what);
}

const SENT: readonly Verdict[] = ['tx', 'redirect'];
