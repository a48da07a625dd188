import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile, summarize } from './statistics.js';

test('a summary is the median and the quartiles, in whatever order the samples came', () => {
  assert.deepEqual(summarize([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 });
  assert.deepEqual(summarize([7]), { median: 7, low: 7, high: 7 });
});

test('a quantile between two samples lies between them', () => {
  assert.equal(quantile([10, 20], 0.5), 15);
  assert.equal(quantile([1, 2, 3, 4], 0.25), 1.75);
});

test('samples are numbers, not words', () => {
  assert.equal(quantile([9, 10, 100], 0.5), 10);
});

test('no samples have no quantile', () => {
  assert.throws(() => quantile([], 0.5), RangeError);
});
