import assert from 'node:assert/strict';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const GOAL = 0.98;

/**
 * New connections per second with the receiver over those without, in pairs that follow each other and take turns in
 * who goes first. Where connections are tagged, they are so in both runs of a pair.
 */
export async function measureConnectionRate(
  bed: Bed,
  tagged: boolean,
  { pairs, connections }: Scale,
): Promise<Figure> {
  const load = { family: 'ipv4', tagged, count: connections } as const;
  const attached: number[] = [];
  const detached: number[] = [];
  const withReceiver = async () => {
    bed.chain.attach();
    attached.push(await bed.load(load));
    const { established, outcomes } = readStats();
    assert.equal(outcomes[tagged ? 'tagged' : 'no-option'], established);
    detachReceiver();
  };
  const without = async () => {
    detached.push(await bed.load(load));
  };

  await bed.load(load);
  for (let pair = 0; pair < pairs; pair++)
    for (const run of pair % 2 === 0 ? [withReceiver, without] : [without, withReceiver]) await run();
  const [on, off] = [attached, detached].map((rates) => Math.round(summarize(rates).median));
  return figure({
    group: 'connections',
    name: `new connections, ${tagged ? 'all' : 'none'} tagged`,
    unit: 'ratio',
    goal: GOAL,
    samples: attached.map((rate, pair) => rate / detached[pair]!),
    detail: `${off}/s detached, ${on}/s attached, on one core with their clients`,
  });
}
