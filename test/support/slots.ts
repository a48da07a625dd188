import { index, lookup, update } from '../../src/kernel/map.js';
import { requireInstalled } from '../../src/lifecycle/installed.js';
import { SLOT } from '../../src/receiver/layout.js';
import { RECEIVER } from '../../src/receiver/plan.js';

const SLOTS = 65_536;

/** The cookies of the sockets whose connections are in slots of the attached receiver. Fails where one has two claims. */
export function slotOwners(): bigint[] {
  using installed = requireInstalled(RECEIVER);
  const map = installed.map('slots');
  const owners: bigint[] = [];
  for (let at = 0; at < SLOTS; at++) {
    const slot = lookup(map, index(at), SLOT.size)!;
    const owner = slot.readBigUInt64LE(SLOT.owner);
    const claims = slot.readUInt32LE(SLOT.claims);
    if (claims !== Number(owner !== 0n)) throw new Error(`slot ${at} of ${owner} has ${claims} claims`);
    if (owner !== 0n) owners.push(owner);
  }
  return owners;
}

/** Takes every slot for sockets that there never were. */
export function takeEverySlot(): void {
  using installed = requireInstalled(RECEIVER);
  const map = installed.map('slots');
  for (let at = 0; at < SLOTS; at++) {
    const slot = Buffer.alloc(SLOT.size);
    slot.writeUInt32LE(1, SLOT.claims);
    slot.writeBigUInt64LE(0xffff_ff00_0000_0000n + BigInt(at), SLOT.owner);
    update(map, index(at), slot);
  }
}
