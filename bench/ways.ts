import assert from 'node:assert/strict';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import { taggerStatsOf } from '../src/tagger/stats.js';
import type { Frontend } from './proxies.js';
import type { ProxyBed } from './proxy-bed.js';

/** A way for the backend to know the client, or what is compared with it. */
export interface Way {
  readonly frontend: Frontend;
  /** Does something with all attached that this way needs. The proxies and the backend are the same processes each time. */
  readonly going: <T>(bed: ProxyBed, work: () => Promise<T>) => Promise<T>;
}

const WORK_ALONE: Way['going'] = (_, work) => work();

export const WAYS = {
  /** The tagger on the proxies, and a backend that does not look. */
  tagger: { frontend: 'bind', going: tagging },
  /** The receiver on the backend, too, which is the same machine here. */
  both: { frontend: 'bind', going: (bed, work) => receiving(bed, () => tagging(bed, work)) },
  /** The least in the tagger's place. */
  floor: {
    frontend: 'bind',
    async going({ floor }, work) {
      using _attached = floor.attach();
      return await work();
    },
  },
  /** A bind that tells nothing: the system calls that a proxy makes for it. */
  own: { frontend: 'own', going: WORK_ALONE },
  protocol: { frontend: 'protocol', going: WORK_ALONE },
  /** Neither once more, which shows what the measuring itself is worth. */
  again: { frontend: 'plain', going: WORK_ALONE },
  neither: { frontend: 'plain', going: WORK_ALONE },
} as const satisfies Record<string, Way>;
export type WayName = keyof typeof WAYS;

/** @throws {AssertionError} where not every connection was tagged. */
async function tagging<T>({ tagger }: ProxyBed, work: () => Promise<T>): Promise<T> {
  const counters = tagger.object.map('counters');
  const before = taggerStatsOf(counters);
  using _attached = tagger.attach();
  const done = await work();
  const { opened, outcomes } = taggerStatsOf(counters);
  assert.ok(opened > before.opened);
  assert.equal(outcomes.tagged - before.outcomes.tagged, opened - before.opened);
  return done;
}

/** @throws {AssertionError} where the backend did not know every client. */
async function receiving<T>({ chain }: ProxyBed, work: () => Promise<T>): Promise<T> {
  chain.attach();
  try {
    const done = await work();
    const { established, outcomes } = readStats();
    assert.ok(established > 0n);
    assert.equal(outcomes.tagged, established);
    return done;
  } finally {
    detachReceiver();
  }
}
