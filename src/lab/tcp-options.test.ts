import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestampsOption, tsvalOf } from './tcp-options.js';

test('TSval is found behind other options', () => {
  const others = [2, 4, 5, 0xb4, 1, 4, 2];
  const options = Uint8Array.of(...others, ...timestampsOption(0xfffffff0, 5));
  assert.equal(tsvalOf(options), 0xfffffff0);
  assert.equal(tsvalOf(Uint8Array.from(others)), undefined);
});

test('nothing is read behind EOL', () => {
  assert.equal(tsvalOf(Uint8Array.of(0, ...timestampsOption(1, 2))), undefined);
});
