import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptWith } from './kept.js';
import type { KernelResult, TestResult } from './results.js';

const passed: TestResult = { suite: 'scope', name: 'a', state: 'passed', ms: 1 };
const failed: TestResult = { suite: 'trust', name: 'b', state: 'failed', why: 'Error: no\n  at here', ms: 2 };
const run: KernelResult = {
  name: '6.1',
  release: '6.1.0-1',
  features: [],
  tests: [passed, failed],
  less: [
    { suite: 'scope', what: '1 of 10 clients' },
    { suite: 'trust', what: '2 of 10 networks' },
  ],
  seconds: 9,
};

test('of a failure the first line is kept', () => {
  const { tests } = keptWith(undefined, run, '2026-11-28');
  assert.deepEqual(tests, [
    { suite: 'scope', name: 'a', state: 'passed', day: '2026-11-28' },
    { suite: 'trust', name: 'b', state: 'failed', why: 'Error: no', day: '2026-11-28' },
  ]);
});

test('suites that are run again take the place of what they came to before, and no others', () => {
  const before = keptWith(undefined, run, '2026-11-28');
  const again = { ...run, tests: [{ ...passed, name: 'c' }], less: [] };
  assert.deepEqual(keptWith(before, again, '2026-11-29'), {
    name: '6.1',
    release: '6.1.0-1',
    features: [],
    tests: [
      { suite: 'scope', name: 'c', state: 'passed', day: '2026-11-29' },
      { suite: 'trust', name: 'b', state: 'failed', why: 'Error: no', day: '2026-11-28' },
    ],
    less: [{ suite: 'trust', what: '2 of 10 networks' }],
  });
});

test('nothing is kept of another build of the kernel', () => {
  const before = keptWith(undefined, run, '2026-11-28');
  const newer = { ...run, release: '6.1.0-2', tests: [passed], less: [] };
  assert.deepEqual(keptWith(before, newer, '2026-11-29'), keptWith(undefined, newer, '2026-11-29'));
});
