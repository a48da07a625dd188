import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undone } from './undo.js';

/** Steps that are recorded where they are undone; those that are named cannot be. */
function steps(
  count: number,
  ...failing: number[]
): { readonly undone: number[]; readonly all: (() => void)[] } {
  const undone: number[] = [];
  const all = Array.from({ length: count }, (_, step) => () => {
    if (failing.includes(step)) throw new Error(`step ${step} stays`);
    undone.push(step);
  });
  return { undone, all };
}

test('steps are undone in reverse, and the error is as it was', () => {
  const { undone: seen, all } = steps(3);
  const error = new Error('the change failed');
  assert.equal(undone(error, all), error);
  assert.deepEqual(seen, [2, 1, 0]);
  assert.equal(error.cause, undefined);
});

test('steps that cannot be undone keep no other from it, and hide nothing', () => {
  const { undone: seen, all } = steps(4, 3, 1);
  const error = new Error('the change failed', { cause: 'a reason' });
  assert.equal(undone(error, all), error);
  assert.deepEqual(seen, [2, 0]);
  assert.ok(error.cause instanceof AggregateError);
  const [reason, ...failures] = error.cause.errors;
  assert.equal(reason, 'a reason');
  assert.deepEqual(
    failures.map(({ message }) => message),
    ['step 3 stays', 'step 1 stays'],
  );
});
