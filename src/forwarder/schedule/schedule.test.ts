import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../layout.js';
import { SCHEDULERS } from '../settings.js';
import { type Schedulable, scheduleOf } from './schedule.js';

function backends(...weights: readonly number[]): Schedulable[] {
  return weights.map((weight, at) => ({
    number: 100 + at,
    key: `10.0.0.${at}:80`,
    weight,
    available: true,
  }));
}

test('with nobody available, a table is empty', () => {
  for (const scheduler of SCHEDULERS) {
    assert.equal(scheduleOf(scheduler, []).length, 0);
    const down = backends(1, 2).map((backend) => ({ ...backend, available: false }));
    assert.equal(scheduleOf(scheduler, down).length, 0);
  }
});

test('hash tables have every entry filled, in whatever order the backends are named', () => {
  for (const scheduler of ['maglev', 'source'] as const) {
    const some = backends(3, 1, 1);
    some[1] = { ...some[1]!, available: false };
    const table = scheduleOf(scheduler, some);
    assert.equal(table.length, LIMITS.scheduleSize);
    assert.deepEqual(new Set(table), new Set([100, 102]));
    assert.deepEqual(scheduleOf(scheduler, some.toReversed()), table);
  }
});

test('round robin is as short as the weights allow, and never longer than there is room', () => {
  assert.deepEqual([...scheduleOf('round-robin', backends(10, 20, 10))], [101, 100, 101, 102]);
  const [, ...others] = backends(1, 2, 3);
  assert.equal(scheduleOf('round-robin', [{ ...backends(1)[0]!, available: false }, ...others]).length, 5);
  const long = scheduleOf('round-robin', backends(65_535, 65_534, 1));
  assert.equal(long.length, LIMITS.scheduleSize);
  assert.ok(long.includes(102));
});

test('least connections has each available backend once; weights count in the kernel', () => {
  assert.deepEqual([...scheduleOf('least-connections', backends(5, 1, 9))], [100, 101, 102]);
});
