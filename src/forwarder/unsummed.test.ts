import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unsummed } from './unsummed.js';

test('what is dropped is told once, until none came for a minute', () => {
  let count = 5n;
  const unsummed = new Unsummed(() => count);
  assert.deepEqual([unsummed.look(0), unsummed.areRecent(0)], [false, false], 'what was before');
  count = 6n;
  assert.deepEqual([unsummed.look(1_000), unsummed.areRecent(1_000)], [true, true]);
  count = 9n;
  assert.deepEqual([unsummed.look(2_000), unsummed.areRecent(2_000)], [false, true]);
  assert.deepEqual([unsummed.look(61_000), unsummed.areRecent(61_000)], [false, true]);
  assert.equal(unsummed.areRecent(62_000), false);
  count = 10n;
  assert.equal(unsummed.look(90_000), true);
});
