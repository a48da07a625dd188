import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptWith } from './kept.js';
import { isGood, type KernelResult, type TestResult } from './results.js';
import { compatibilityPage } from './table.js';

const passed: TestResult = { suite: 'scope', name: 'a', state: 'passed', ms: 1 };
const skipped: TestResult = { suite: 'scope', name: 'b', state: 'skipped', why: 'lacks: MPTCP', ms: 0 };
const failed: TestResult = {
  suite: 'trust',
  name: 'c',
  state: 'failed',
  why: 'Error: no\n    at here',
  ms: 2,
};
const feature = {
  id: 'x',
  name: 'hooks',
  since: '5.8',
  roles: ['tagger', 'receiver'],
  required: false,
  detail: null,
};

const old: KernelResult = {
  name: '5.10',
  release: '5.10.0-1-cloud-amd64',
  features: [{ ...feature, state: 'missing' }],
  tests: [passed, skipped, failed],
  less: [{ suite: 'scope', what: '1 of 10 clients' }],
  seconds: 9,
};
const unavailable: KernelResult = {
  name: '6.1',
  unavailable: 'no mirror',
  features: [],
  tests: [],
  less: [],
  seconds: 0,
};

test('the page tells per kernel what it has, what passed there, and names what did not', () => {
  const page = compatibilityPage([keptWith(undefined, old, '2026-11-29')], { scale: 'too large' });
  for (const expected of [
    '| feature | for | since | 5.10.0-1 |',
    '| hooks (optional) | tagger, receiver | 5.8 | — |',
    '| scope | 1, 1 skipped |',
    '| trust | 0, **1 failed** |',
    '- `trust`: c — Error: no\n',
    '- lacks: MPTCP: 1 test of `scope`',
    '- `scope`: 1 of 10 clients',
    'Run on 2026-11-29 (5.10.0-1).',
    '- `scale`: too large',
  ])
    assert.ok(page.includes(expected), `${expected}\n\nis not in\n\n${page}`);
});

test('a kernel that cannot be had breaks nothing; a failure, an early end and no test at all do', () => {
  const good = { ...old, tests: [passed, skipped] };
  assert.equal(isGood(good), true);
  assert.equal(isGood(unavailable), true);
  assert.equal(isGood(old), false);
  assert.equal(isGood({ ...good, problem: 'ended early' }), false);
  assert.equal(isGood({ ...good, tests: [] }), false);
});
