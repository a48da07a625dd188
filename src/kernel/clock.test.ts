import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootTimeNs, wallClock } from './clock.js';

test('a stamp has one wall-clock time, whenever one asks', () => {
  const stamp = bootTimeNs() - 500_000n;
  const times = Array.from({ length: 200 }, () => wallClock(stamp).getTime());
  assert.ok(Math.abs(times[0]! - Date.now()) < 60_000);
  // Of times that lie close to the end of a millisecond, some may be told as the next one.
  assert.ok(Math.max(...times) - Math.min(...times) <= 1, `${Math.min(...times)} to ${Math.max(...times)}`);
});
