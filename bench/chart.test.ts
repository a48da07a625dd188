import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart } from './chart.js';
import { figure } from './figure.js';

const call = { group: 'calls', unit: 'ns', detail: '' } as const;
const withGoal = { group: 'programs', unit: 'ns', detail: '', goal: 100 } as const;

/** Widths of the bars, in the order of the rows. */
function bars(image: string): number[] {
  return [...image.matchAll(/<rect x="[^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
}

test('a bar is as long as its share of the goal', () => {
  const image = chart([
    figure({ ...withGoal, name: 'half', samples: [50] }),
    figure({ ...withGoal, name: 'double', samples: [200] }),
  ]);
  const [half, double] = bars(image);
  assert.equal(double! / half!, 4);
});

test('every figure of a call has its bar; none is shorter than nothing, or wider than its panel', () => {
  const image = chart([
    figure({ ...call, name: 'faster', samples: [-20, -10, 5] }),
    figure({ ...call, name: 'slower', samples: [100, 900, 9_000] }),
  ]);
  const [faster, slower] = bars(image);
  assert.equal(faster, 0);
  assert.ok(slower! > 0 && slower! < 500);
});

test('names are text, whatever is in them', () => {
  assert.match(chart([figure({ ...call, name: 'a < b & c', samples: [1] })]), />a &lt; b &amp; c</);
});
