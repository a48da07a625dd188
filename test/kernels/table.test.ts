import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector, isGood, type KernelResult, line, type TestResult } from './results.js';
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
const feature = { id: 'x', name: 'hooks', since: '5.8', required: false, detail: null };

const old: KernelResult = {
  name: '5.10',
  release: '5.10.0-1-cloud-amd64',
  features: [{ ...feature, state: 'missing' }],
  tests: [passed, skipped, failed],
  seconds: 9,
};
const unavailable: KernelResult = { name: '6.1', problem: 'no mirror', features: [], tests: [], seconds: 0 };

test('the page tells per kernel what it has, what passed there, and names what did not', () => {
  const page = compatibilityPage([old, unavailable], { scale: 'too large' });
  for (const expected of [
    '| feature | since | 5.10.0-1 |',
    '| hooks (optional) | 5.8 | — |',
    '| scope | 1, 1 skipped |',
    '| trust | 0, **1 failed** |',
    '- `trust`: c — Error: no\n',
    '- `scope`: b — lacks: MPTCP',
    '**Linux 6.1 could not be had**: no mirror',
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

test('results are found among whatever else a guest writes', () => {
  const collector = new Collector();
  const doctor = `@doctor ${JSON.stringify({ findings: old.features })}`;
  const text = `@suite started scope\nnoise${line(skipped)}${doctor}\n@suite ended scope 0\n`;
  for (const each of text.split('\n')) collector.take(each);
  assert.deepEqual(collector.tests, [skipped]);
  assert.deepEqual(collector.features, old.features);
});
