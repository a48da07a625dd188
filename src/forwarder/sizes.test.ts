import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf, sizesFor } from './sizes.js';
import { msOf, ticksOf } from './ticks.js';

test('the capacity and what it comes to', () => {
  assert.deepEqual(sizesFor(1_000_000), { slots: 1_250_000, embryos: 65_536 });
  assert.deepEqual(sizesFor(100_000), { slots: 125_000, embryos: 15_625 });
  assert.deepEqual(sizesFor(1), { slots: 2, embryos: 1_024 });
  for (const capacity of [1, 2, 3, 999, 1_000_000, 9_999_999])
    assert.equal(sizesFor(capacityOf(sizesFor(capacity).slots)).slots, sizesFor(capacity).slots);
});

test('times and ticks', () => {
  assert.equal(ticksOf(0), 0);
  assert.equal(ticksOf(1), 1);
  assert.equal(ticksOf(10_000), 9_537);
  for (const ms of [10, 2_000, 900_000, 14 * 86_400_000]) assert.ok(Math.abs(msOf(ticksOf(ms)) - ms) <= 1);
});
