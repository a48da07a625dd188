import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Choice, ChoiceError, choiceOf } from './choice.js';
import { FEW } from './suites.js';

const SUITES = ['cli', 'trust', 'trust-clients'];
const choose = (...argv: string[]): Choice => choiceOf(argv, SUITES);

test('without a choice, everything but what is left out', () => {
  const { kernels, suites, write } = choose();
  assert.deepEqual([kernels.length, suites, write], [4, ['trust', 'trust-clients'], false]);
  assert.equal(choose('--write').write, true);
  assert.deepEqual(
    choose('--write', '--kernel', '6.1').kernels.map(({ name }) => name),
    ['6.1'],
  );
});

test('a part of a name chooses, also what is left out', () => {
  assert.deepEqual(choose('cli', 'clients').suites, ['cli', 'trust-clients']);
  assert.deepEqual(
    choose('--kernel', '6.1', '--kernel', '5.10').kernels.map(({ name }) => name),
    ['5.10', '6.1'],
  );
});

test('CI has time for a few suites, on the kernels that differ most', () => {
  const { kernels, suites } = choose('--ci');
  assert.deepEqual([kernels.map(({ name }) => name), suites], [['5.10', '6.1', 'newest'], FEW]);
});

for (const [says, ...argv] of [
  [/^no kernel "6": there are 5\.10, 6\.1, 6\.12, newest$/, '--kernel', '6'],
  [/^no suite's name contains "trsut": see test\/\*\.e2e\.ts$/, 'trust', 'trsut'],
  [/^--ci is a choice/, '--ci', '--write'],
  [/^--ci is a choice/, '--ci', '--kernel', '6.1'],
  [/^Unknown option '--wirte': usage: npm run test:kernels -- /, '--wirte'],
  [/argument missing.*: usage: npm run/, '--kernel'],
] as const)
  test(`refused in one line: ${argv.join(' ')}`, () => {
    assert.throws(
      () => choose(...argv),
      (error: Error) =>
        error instanceof ChoiceError && says.test(error.message) && !error.message.includes('\n'),
    );
  });
