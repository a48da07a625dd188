import { detachReceiver } from '../src/receiver/detach.js';
import { measureAttachTime } from './attach-time.js';
import { openBed } from './bed.js';
import { measureCallCost } from './call-cost.js';
import { measureConnectionRate } from './connection-rate.js';
import type { Figure } from './figure.js';
import { measureMemory } from './memory.js';
import { measureProgramCost } from './program-cost.js';
import type { Scale } from './scale.js';

/**
 * What the receiver costs.
 *
 * @param say told what is measured next.
 */
export async function measureReceiver(scale: Scale, say: (what: string) => void): Promise<Figure[]> {
  await using bed = await openBed();
  say('connections per second, none tagged');
  // Before there is a tagger, so that without the receiver the kernel runs no program at all.
  const untagged = await measureConnectionRate(bed, false, scale);
  bed.chain.tag();
  say('connections per second, all tagged');
  const tagged = await measureConnectionRate(bed, true, scale);
  say("what the programs cost, by the kernel's statistics");
  const programs = await measureProgramCost(bed, scale);
  say('what system calls cost');
  const calls = await measureCallCost(bed, scale);
  detachReceiver();
  say('how long `attach` takes');
  const attach = await measureAttachTime(bed, scale);
  say('memory');
  const memory = await measureMemory(bed, scale);
  return [tagged, untagged, ...programs, ...calls, ...attach, ...memory];
}
