import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAILURES_IN_A_ROW, Passive } from './passive.js';

const at = (established: number, unanswered: number, refused: number) => ({
  established: BigInt(established),
  unanswered: BigInt(unanswered),
  refused: BigInt(refused),
});

test('several unanswered or refused connections in a row are too many', () => {
  const passive = new Passive(at(100, 7, 7));
  assert.equal(passive.look(at(100, 9, 7)), undefined);
  assert.deepEqual(passive.look(at(100, 10, 9)), { count: FAILURES_IN_A_ROW, refused: 2 });
  assert.equal(passive.look(at(100, 10, 9)), undefined, 'they are counted once');
});

test('a single success in between excuses them', () => {
  const passive = new Passive(at(0, 0, 0));
  passive.look(at(0, FAILURES_IN_A_ROW - 1, 0));
  assert.equal(passive.look(at(1, FAILURES_IN_A_ROW + 3, 0)), undefined);
  assert.equal(passive.look(at(1, FAILURES_IN_A_ROW + 4, 0)), undefined);
});

test('what was counted before it looks says nothing about now', () => {
  assert.equal(new Passive(at(0, 1000, 1000)).look(at(0, 1000, 1000)), undefined);
});
