import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { MAC, useNetwork, VLAN } from './support/forwarder/network.js';
import { newClient } from './support/forwarder/segments.js';
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

test('a client in a VLAN of whose next hop the kernel does not know is answered by the way it came', () => {
  const dialogue = talk(bed, {}, 4, { client: newClient('10.7.0.99') });
  dialogue.syn({ vlan: PRIORITY | VLAN });
  const { bytes, counted } = bed.send(dialogue.backendFrame({ flags: FLAG.SYN | FLAG.ACK }), 'backends');
  assert.equal(counted.toClient, 1);
  assert.deepEqual(parseFrame(bytes)!.ethernet, {
    source: MAC.backends,
    destination: MAC.clientRouter,
    vlan: VLAN,
  });
});

test('a client that came by another VLAN than the one that leads to it is not answered there by guesswork', () => {
  const dialogue = talk(bed, {}, 4, { client: newClient('10.7.0.98') });
  dialogue.syn({ vlan: 5 });
  const { counted } = bed.send(dialogue.backendFrame({ flags: FLAG.SYN | FLAG.ACK }), 'backends');
  assert.equal(counted.dropNoNeighbour, 1);
});

test('a client in a VLAN, a backend in none', () => {
  const dialogue = talk(bed);
  dialogue.syn({ vlan: 5 });
  dialogue.synAck();
  dialogue.fromClient({ vlan: 5, ...PAYLOAD });
  assert.equal(parseFrame(dialogue.fromClient({ vlan: 5 }).bytes)!.ethernet.vlan, undefined);
});
