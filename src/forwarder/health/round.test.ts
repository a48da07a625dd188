import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Round } from './round.js';

function takeAll(round: Round, now: number): number[] {
  const taken: number[] = [];
  for (let turn = round.take(now); turn !== undefined; turn = round.take(now)) taken.push(turn);
  return taken;
}

test('turns are spread evenly over the interval', () => {
  const round = new Round(4, 2000, 0);
  assert.deepEqual(takeAll(round, 0), [0]);
  assert.equal(round.dueAt, 500);
  assert.deepEqual(takeAll(round, 499), []);
  assert.deepEqual(takeAll(round, 1000), [1, 2]);
  assert.deepEqual(takeAll(round, 2000), [3, 0]);
});

test('everybody has as many turns as intervals have passed', () => {
  const round = new Round(1000, 2000, 0);
  const turns = new Array<number>(1000).fill(0);
  for (let now = 0; now < 20_000; now += 7) for (const turn of takeAll(round, now)) turns[turn]!++;
  assert.deepEqual(new Set(turns), new Set([10]));
});

test('a long pause is made up for by one round and no more', () => {
  const round = new Round(4, 2000, 0);
  assert.equal(takeAll(round, 1_000_000).length, 5);
  assert.deepEqual(takeAll(round, 1_000_499), []);
  assert.equal(takeAll(round, 1_000_500).length, 1);
});

test('a new round goes on where the one before was interrupted', () => {
  const before = new Round(4, 2000, 0);
  takeAll(before, 600);
  assert.deepEqual(takeAll(new Round(4, 2000, 700, before.position), 700), [2]);
  assert.deepEqual(takeAll(new Round(2, 2000, 700, 3), 700), [1]);
});

test('of nobody it is never a turn', () => {
  const round = new Round(0, 2000, 0);
  assert.equal(round.dueAt, Number.POSITIVE_INFINITY);
  assert.equal(round.take(1e9), undefined);
});
