import assert from 'node:assert/strict';
import { PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { useNetwork, VLAN } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

/** Priority 3 in IEEE 802.1Q's tag, and the drop eligible bit. */
const PRIORITY = 0x7000;
const PAYLOAD = { payload: Buffer.from('payload') };

for (const [family, backend] of [
  [4, '10.7.0.1'],
  [6, 'fd00:7::1'],
] as const)
  test(`from one VLAN into another, on every segment, with the sender’s priority: IPv${family}`, () => {
    const dialogue = talk(bed, { backends: [{ address: backend, port: 80 }] }, family);
    const vlan = PRIORITY | 5;
    const syn = dialogue.syn({ vlan });
    assert.equal(parseFrame(syn.bytes)!.ethernet.vlan, PRIORITY | VLAN);
    dialogue.synAck({ vlan: PRIORITY | VLAN });
    dialogue.fromClient({ vlan });
    dialogue.fromClient({ vlan, ...PAYLOAD });
    dialogue.fromBackend({ vlan: PRIORITY | VLAN, ...PAYLOAD });
    const usual = dialogue.fromClient({ vlan });
    assert.equal(parseFrame(usual.bytes)!.ethernet.vlan, PRIORITY | VLAN);
  });

test('into a VLAN and out of it', () => {
  const dialogue = talk(bed, { backends: [{ address: '10.7.0.1', port: 80 }] });
  assert.equal(parseFrame(dialogue.syn().bytes)!.ethernet.vlan, VLAN);
  assert.equal(parseFrame(dialogue.synAck().bytes)!.ethernet.vlan, undefined);
  dialogue.exchange();
  assert.equal(parseFrame(dialogue.fromClient().bytes)!.ethernet.vlan, VLAN);
  assert.equal(parseFrame(dialogue.fromBackend(PAYLOAD).bytes)!.ethernet.vlan, undefined);
});

test('a client in a VLAN, a backend in none', () => {
  const dialogue = talk(bed);
  dialogue.syn({ vlan: 5 });
  dialogue.synAck();
  dialogue.fromClient({ vlan: 5, ...PAYLOAD });
  assert.equal(parseFrame(dialogue.fromClient({ vlan: 5 }).bytes)!.ethernet.vlan, undefined);
});
