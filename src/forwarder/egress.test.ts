import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Egress, EgressError, numberEgresses } from './egress.js';

const egress = (ifindex: number): Egress => ({
  ifindex,
  port: ifindex,
  vlan: 0,
  mac: '02:00:00:00:00:01',
  isVeth: false,
});
const numbered = (...pairs: readonly [number, number][]) =>
  pairs.map(([number, ifindex]) => ({ ...egress(ifindex), number }));
const numbersOf = (wanted: readonly number[], current: ReturnType<typeof numbered>): number[] =>
  numberEgresses(wanted.map(egress), current).map(({ number }) => number);

test('an interface keeps its number, and a new one gets one that nobody had', () => {
  assert.deepEqual(numbersOf([7, 8], []), [1, 2]);
  assert.deepEqual(numbersOf([9, 8, 7], numbered([1, 7], [2, 8])), [3, 2, 1]);
  assert.deepEqual(numbersOf([9], numbered([1, 7], [2, 8])), [3]);
});

test('a number that was in use is given away only when there is no other', () => {
  const all = numbered(...Array.from({ length: 63 }, (_, at): [number, number] => [at + 1, at + 100]));
  assert.deepEqual(numbersOf([100, 7], all), [1, 2]);
  const one = all.map(({ ifindex }) => ifindex);
  assert.throws(() => numbersOf([...one, 7], all), EgressError);
});
