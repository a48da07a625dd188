import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, formatGoal, formatSpread, formatValue, shareOfGoal, verdictOf } from './figure.js';

const about = { group: 'programs', name: 'a figure', detail: 'made up' } as const;
const nanoseconds = figure({ ...about, unit: 'ns', goal: 400, samples: [300, 500, 400] });
const ratio = figure({ ...about, unit: 'ratio', goal: 0.98, samples: [0.96, 0.97, 0.98] });
const plain = figure({ ...about, unit: 'bytes', samples: [1_383.6] });

test('a cost meets its goal up to the goal itself, a ratio from the goal on', () => {
  assert.equal(verdictOf(nanoseconds), 'ok');
  assert.equal(verdictOf({ ...nanoseconds, median: 400.1 }), 'missed');
  assert.equal(verdictOf(ratio), 'missed');
  assert.equal(verdictOf({ ...ratio, median: 0.98 }), 'ok');
  assert.equal(verdictOf(plain), undefined);
});

test('the share of the goal is 1 at the goal, and more is worse, for a ratio too', () => {
  assert.equal(shareOfGoal(nanoseconds, 400), 1);
  assert.equal(shareOfGoal(nanoseconds, 100), 0.25);
  assert.equal(shareOfGoal(ratio, 0.98), 1);
  assert.ok(Math.abs(shareOfGoal(ratio, 0.96)! - 2) < 1e-9);
  assert.equal(shareOfGoal(plain, 100), undefined);
});

test('figures are written with their unit', () => {
  assert.deepEqual(
    [nanoseconds, ratio, plain].map((one) => [
      formatValue(one.unit, one.median),
      formatSpread(one),
      formatGoal(one),
    ]),
    [
      ['400 ns', '350 – 450 ns', '≤ 400 ns'],
      ['0.970', '0.965 – 0.975', '≥ 0.980'],
      ['1,384 bytes', '1,384 – 1,384 bytes', ''],
    ],
  );
});
