import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FEW, LEFT } from './suites.js';

const there = readdirSync('test').filter((file) => file.endsWith('.e2e.ts'));

test('every suite that is named is there', () => {
  for (const suite of [...FEW, ...Object.keys(LEFT)]) assert.ok(there.includes(`${suite}.e2e.ts`), suite);
});

test('no suite of the forwarder takes for granted what Linux 5.10 lacks', () => {
  for (const file of there.filter((name) => name.startsWith('forwarder')))
    assert.doesNotMatch(
      readFileSync(`test/${file}`, 'utf8'),
      /from 'node:test'/,
      `${file}: test() comes from support/forwarder/test.js, which skips`,
    );
});
