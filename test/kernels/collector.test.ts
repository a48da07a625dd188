import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector, line } from './collector.js';
import type { TestResult } from './results.js';

const passed = (suite: string): TestResult => ({ suite, name: 'it works', state: 'passed', ms: 1 });

function collected(...lines: string[]): Collector {
  const collector = new Collector();
  for (const text of lines.flatMap((text) => text.split('\n'))) collector.take(text);
  return collector;
}

test('a suite counts when it has ended', () => {
  const collector = collected('@suite started a', line(passed('a')), '@suite ended a 0', '@suite started b');
  assert.deepEqual(collector.tests, [passed('a')]);
  assert.deepEqual([collector.hasEnded('a'), collector.hasEnded('b'), collector.running], [true, false, 'b']);
});

test('what a lost guest said of a suite is forgotten', () => {
  const collector = collected('@suite started a', line(passed('a')));
  collector.guestLost();
  assert.deepEqual(collector.tests, []);
  assert.equal(collector.hasEnded('a'), false);
});

test('a suite that takes too long has failed, and so has one that fails without a failed test', () => {
  const states = (...lines: string[]) =>
    collected('@suite started a', ...lines).tests.map((test) => [test.state, test.why]);
  assert.deepEqual(states(line(passed('a')), '@suite timeout a 60'), [
    ['passed', undefined],
    ['failed', 'it took longer than 60 s'],
  ]);
  assert.match(String(states(line(passed('a')), '@suite ended a 1')[1]), /^failed,.*status 1/);
  assert.match(String(states('@suite ended a 0')[0]), /^failed,.*status 0/);
});

test('results are found among whatever else a guest writes, and a damaged line is none', () => {
  const findings = [
    { id: 'x', name: 'hooks', since: '5.8', required: false, detail: null, state: 'missing' },
  ];
  const collector = collected(
    '@suite started scope',
    '@less 1 of 10 clients',
    `noise${line(passed('scope'))}`,
    '@test {"name": "half',
    `@doctor ${JSON.stringify({ findings })}`,
    '@suite ended scope 0',
  );
  assert.deepEqual(collector.tests, [passed('scope')]);
  assert.deepEqual(collector.less, [{ suite: 'scope', what: '1 of 10 clients' }]);
  assert.deepEqual(collector.features, findings);
});
