import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { detachReceiver } from '../src/receiver/detach.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import { holdPeers } from './held.js';
import type { Scale } from './scale.js';

/** The kernel frees what a closed socket held after a grace period of RCU, and says nothing when it has. */
const SETTLE_MS = 500;

/**
 * What a connection that is held open takes of the kernel's memory with the receiver attached, less what it takes
 * without. Tagged connections are tagged in both cases, by the same tagger.
 */
export async function measureMemory(bed: Bed, { held, holds }: Scale): Promise<Figure[]> {
  const samples = { tagged: [] as number[], untagged: [] as number[] };
  for (let hold = 0; hold < holds; hold++)
    for (const sort of ['tagged', 'untagged'] as const) {
      const tagged = sort === 'tagged';
      bed.chain.attach();
      const attached = await bytesHeld(bed, tagged, held);
      detachReceiver();
      samples[sort].push((attached - (await bytesHeld(bed, tagged, held))) / held);
    }
  const detail = `${held.toLocaleString('en-US')} connections held open; the general-purpose slab caches up to 512 bytes`;
  return [
    figure({ group: 'memory', name: 'a tagged connection', unit: 'bytes', samples: samples.tagged, detail }),
    figure({
      group: 'memory',
      name: 'a connection without TOA',
      unit: 'bytes',
      samples: samples.untagged,
      detail,
    }),
  ];
}

async function bytesHeld(bed: Bed, tagged: boolean, count: number): Promise<number> {
  await sleep(SETTLE_MS);
  const before = await smallObjects();
  await using _peers = await holdPeers(bed, { family: 'ipv4', tagged, count });
  await sleep(SETTLE_MS);
  return (await smallObjects()) - before;
}

/**
 * Bytes in the slab caches that socket storage comes from: those of accounted memory, or the common ones on a kernel
 * that has no others. The whole slab would say less: sockets and their wait queues make it swing by far more.
 */
async function smallObjects(): Promise<number> {
  const lines = (await readFile('/proc/slabinfo', 'utf8')).split('\n');
  const caches = (prefix: string) => lines.filter((line) => line.match(`^${prefix}(64|96|128|192|256|512) `));
  const accounted = caches('kmalloc-cg-');
  return (accounted.length > 0 ? accounted : caches('kmalloc-')).reduce((sum, line) => {
    const [, objects, , size] = line.split(/\s+/);
    return sum + Number(objects) * Number(size);
  }, 0);
}
