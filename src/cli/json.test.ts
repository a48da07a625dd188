import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJson } from './json.js';

test('counts are numbers while a double holds them, and times are ISO 8601', () => {
  const value = {
    zero: 0n,
    safe: 9_007_199_254_740_991n,
    unsafe: 9_007_199_254_740_992n,
    at: new Date(Date.UTC(2026, 10, 22, 18, 43, 2, 7)),
    nested: [{ count: 5n }],
  };
  assert.equal(
    toJson(value),
    '{"zero":0,"safe":9007199254740991,"unsafe":"9007199254740992",' +
      '"at":"2026-11-22T18:43:02.007Z","nested":[{"count":5}]}',
  );
  assert.equal(toJson({ a: 1 }, 2), '{\n  "a": 1\n}');
});
