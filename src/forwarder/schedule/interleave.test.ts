import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { interleave } from './interleave.js';

const turnsOf = (...turns: number[]): number[] => [...interleave(Uint32Array.from(turns))];

test('equal turns come one after the other', () => {
  assert.deepEqual(turnsOf(1, 1, 1), [0, 1, 2]);
  assert.deepEqual(turnsOf(2, 2), [0, 1, 0, 1]);
  assert.deepEqual(turnsOf(1), [0]);
  assert.deepEqual(turnsOf(), []);
});

test('many turns do not come in one go', () => {
  assert.deepEqual(turnsOf(5, 1, 1), [0, 0, 0, 1, 0, 0, 2]);
  assert.deepEqual(turnsOf(1, 3), [1, 1, 0, 1]);
});

test('everybody has all turns, each in its window', () => {
  const turns = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(turns, (given) => {
      const sequence = turnsOf(...given);
      const taken = given.map(() => 0);
      sequence.forEach((at, position) => {
        const window = sequence.length / given[at]!;
        assert.ok(position >= Math.floor(taken[at]! * window), 'not before its window opens');
        taken[at]!++;
        assert.ok(position < Math.ceil(taken[at]! * window), 'not after it closes');
      });
      assert.deepEqual(taken, given);
    }),
  );
});
