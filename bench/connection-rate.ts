import assert from 'node:assert/strict';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import type { Bed, Effort } from './bed.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const GOAL = 0.98;

/**
 * New connections per second of a core's time with the receiver over those without, in pairs that follow each other and
 * take turns in who goes first. Where connections are tagged, they are so in both runs of a pair.
 */
export async function measureConnectionRate(
  bed: Bed,
  tagged: boolean,
  { pairs, connections }: Scale,
): Promise<Figure> {
  const load = { family: 'ipv4', tagged, count: connections } as const;
  const attached: Effort[] = [];
  const detached: Effort[] = [];
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
  const ratios = (of: keyof Effort) => attached.map((effort, pair) => detached[pair]![of] / effort[of]);
  const [on, off] = [attached, detached].map((runs) =>
    summarize(runs.map(({ busy }) => busy)).median.toFixed(1),
  );
  return figure({
    group: 'connections',
    name: `new connections, ${tagged ? 'all' : 'none'} tagged`,
    unit: 'ratio',
    goal: GOAL,
    samples: ratios('busy'),
    detail: `${off} µs of a core each detached, ${on} µs attached; by the clock ${summarize(ratios('elapsed')).median.toFixed(3)}`,
  });
}
