import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireInstalled } from '../src/lifecycle/installed.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { RECEIVER } from '../src/receiver/plan.js';
import { takeEverySlot } from '../test/support/slots.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import { holdPeers } from './held.js';
import type { Scale } from './scale.js';

/** The kernel frees what a closed socket held after a grace period of RCU, and says nothing when it has. */
const SETTLE_MS = 500;

/** Connections that are held: with a slot, with one that is another's, and without TOA. */
const SORTS = [
  { name: 'a tagged connection', tagged: true, prepare: () => {} },
  { name: 'a tagged connection where its slot is taken', tagged: true, prepare: takeEverySlot },
  { name: 'a connection without TOA', tagged: false, prepare: () => {} },
] as const;

/**
 * What a connection that is held open takes of the kernel's memory with the receiver attached, less what it takes
 * without; and what the slots take. Tagged connections are tagged in both cases, by the same tagger.
 */
export async function measureMemory(bed: Bed, { held, holds }: Scale): Promise<Figure[]> {
  const samples = SORTS.map(() => [] as number[]);
  for (let hold = 0; hold < holds; hold++)
    for (const [at, { tagged, prepare }] of SORTS.entries()) {
      bed.chain.attach();
      prepare();
      const attached = await bytesHeld(bed, tagged, held);
      detachReceiver();
      samples[at]!.push((attached - (await bytesHeld(bed, tagged, held))) / held);
    }
  const detail = `${held.toLocaleString('en-US')} connections held open; the general-purpose slab caches up to 512 bytes`;
  return [
    figure({
      group: 'memory',
      name: 'the slots, once and for all',
      unit: 'KiB',
      samples: [slotBytes(bed) / 1024],
      detail: 'as the kernel states it of the map',
    }),
    ...SORTS.map(({ name }, at) =>
      figure({ group: 'memory', name, unit: 'bytes', samples: samples[at]!, detail }),
    ),
  ];
}

function slotBytes(bed: Bed): number {
  bed.chain.attach();
  try {
    using installed = requireInstalled(RECEIVER);
    const [, bytes] = readFileSync(`/proc/self/fdinfo/${installed.map('slots').fd}`, 'utf8').match(
      /^memlock:\s*(\d+)$/m,
    )!;
    return Number(bytes);
  } finally {
    detachReceiver();
  }
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
