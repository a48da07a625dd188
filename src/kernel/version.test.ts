import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, newest } from './version.js';

test('versions are compared number by number, whatever a distribution appends', () => {
  assert.ok(isAtLeast('5.10.0-28-amd64', '5.10'));
  assert.ok(isAtLeast('6.1.0', '5.18'));
  assert.ok(isAtLeast('6.18.44-fc-v657', '6.9'));
  assert.ok(!isAtLeast('5.9.16', '5.10'));
  assert.ok(!isAtLeast('4.18.0-553.el8_10.x86_64', '5.8'));
});

test('the newest of some versions', () => {
  assert.equal(newest(['5.8', '5.10', '4.20']), '5.10');
  assert.equal(newest(['4.11']), '4.11');
});

test('what is no release is refused by quoting it', () => {
  assert.throws(() => isAtLeast('generic', '5.10'), /"generic" is no kernel release/);
});
