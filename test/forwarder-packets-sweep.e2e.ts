import assert from 'node:assert/strict';
import { ENDPOINTS } from '../src/forwarder/connection.js';
import { CONNECTION, DIRECTION, WAY } from '../src/forwarder/layout.js';
import { resetFrame } from '../src/forwarder/reset-frame.js';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed, type Service } from './support/forwarder/bed.js';
import { Dialogue } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { TIMEOUTS } from './support/forwarder/structs.js';
import { test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';

useNetwork();

const FIN = { flags: FLAG.FIN | FLAG.ACK };

function serve(bed: PacketBed): Service {
  return bed.addService({
    listen: { address: '198.51.100.10', port: 443 },
    backends: [{ address: '10.1.1.1', port: 80 }],
  });
}

/** How a connection gets into each state. */
const INTO = {
  synSent: (dialogue: Dialogue) => void dialogue.syn(),
  synReceived: (dialogue: Dialogue) => {
    dialogue.syn();
    dialogue.synAck();
  },
  established: (dialogue: Dialogue) => void dialogue.exchange(),
  closing: (dialogue: Dialogue) => void dialogue.exchange().fromClient(FIN),
  closed: (dialogue: Dialogue) => {
    dialogue.exchange().fromClient(FIN);
    dialogue.fromBackend(FIN);
    dialogue.fromClient();
  },
} as const;

const NOTHING = { free: 0, synSent: 0, synReceived: 0, established: 0, closing: 0, closed: 0 };

for (const [state, enter] of Object.entries(INTO) as [keyof typeof INTO, (dialogue: Dialogue) => void][]) {
  const isReported = state === 'synReceived' || state === 'established' || state === 'closing';
  test(`a connection that is ${state} expires after ${TIMEOUTS[state]} seconds${isReported ? ', and is reported first' : ''}`, () => {
    using bed = new PacketBed({ slots: 8 });
    const service = serve(bed);
    const dialogue = new Dialogue(bed, service);
    enter(dialogue);
    dialogue.wait(TIMEOUTS[state] - 1);
    assert.deepEqual(bed.sweep(), { freed: 0, byState: { ...NOTHING, free: 7, [state]: 1 }, expired: [] });
    dialogue.wait(2);
    if (isReported) {
      const { slot } = dialogue.connection!;
      const first = bed.sweep();
      assert.deepEqual([first.freed, first.expired], [0, [slot]]);
      assert.ok(dialogue.connection!.flags.includes('reported'));
    }
    assert.deepEqual(bed.sweep(), { freed: 1, byState: { ...NOTHING, free: 7, [state]: 1 }, expired: [] });
    assert.equal(bed.connections().length, 0);
    assert.equal(bed.backend(service.backends[0]!).active, 0);
    const { expiredEmbryo, expiredEstablished } = bed.counts();
    const isEmbryo = state === 'synSent' || state === 'synReceived';
    assert.deepEqual(
      [expiredEmbryo, expiredEstablished],
      [Number(isEmbryo), Number(isReported && !isEmbryo)],
    );
    assert.equal(bed.backend(service.backends[0]!).unanswered, Number(state === 'synSent'));
  });
}

test('a reported connection that comes to life goes on', () => {
  using bed = new PacketBed({ slots: 8 });
  const dialogue = new Dialogue(bed, serve(bed)).exchange();
  dialogue.wait(TIMEOUTS.established + 1);
  bed.sweep();
  dialogue.fromClient();
  assert.ok(!dialogue.connection!.flags.includes('reported'));
  assert.equal(bed.sweep().freed, 0);
  assert.equal(dialogue.fromBackend().counted.toClient, 1);
});

test('the RSTs that the daemon sends for both sides are what both sides expect', () => {
  using bed = new PacketBed({ slots: 8 });
  const dialogue = new Dialogue(bed, serve(bed)).exchange();
  dialogue.wait(TIMEOUTS.established + 1);
  const [slot] = bed.sweep().expired;
  const bytes = bed.table.read(slot!);
  const end = ({ address, port }: { address: number; port: number }) => ({
    address: bytes.subarray(address, address + 16),
    port: bytes.readUInt16BE(port),
  });
  const acknowledged = (direction: number) =>
    bytes.readUInt32LE(CONNECTION.to + direction * WAY.size + WAY.acknowledged);
  const { sender, listen, local, backend } = ENDPOINTS;
  const { translation, clientNext, backendNext } = dialogue;

  const toBackend = bed.send(
    Uint8Array.from(resetFrame(end(sender), end(listen), acknowledged(DIRECTION.toClient))),
    'clients',
  );
  const atBackend = parseFrame(toBackend.bytes);
  assert.ok(atBackend !== undefined && 'tcp' in atBackend && toBackend.verdict === 'redirect');
  assert.equal(atBackend.tcp.seq, (clientNext + translation.sequenceShift) >>> 0);
  assert.deepEqual([atBackend.ip.src, atBackend.ip.dst], [translation.local.address, '10.1.1.1']);

  const toClient = bed.send(
    Uint8Array.from(resetFrame(end(backend), end(local), acknowledged(DIRECTION.toBackend))),
    'backends',
  );
  const atClient = parseFrame(toClient.bytes);
  assert.ok(atClient !== undefined && 'tcp' in atClient && toClient.verdict === 'redirect');
  assert.equal(atClient.tcp.seq, backendNext);
  assert.deepEqual([atClient.ip.src, atClient.ip.dst], ['198.51.100.10', dialogue.client.address]);

  const flags = dialogue.connection!.flags;
  assert.ok(flags.includes('resetClient') && flags.includes('resetBackend'));
});

test('a list of expired connections that is full goes on with the next sweep', () => {
  using bed = new PacketBed({ slots: 128 });
  const service = serve(bed);
  const dialogues = Array.from({ length: 100 }, () => new Dialogue(bed, service).exchange());
  for (const dialogue of dialogues) dialogue.wait(TIMEOUTS.established + 1);
  const first = bed.sweep().expired;
  const second = bed.sweep();
  assert.deepEqual([first.length, second.expired.length, second.freed], [64, 36, 64]);
  assert.equal(new Set([...first, ...second.expired]).size, 100);
  assert.equal(bed.sweep().freed, 36);
});

test('of more answered embryos than a list holds, those that do not fit are freed at once', () => {
  using bed = new PacketBed({ slots: 128, embryos: 128 });
  const service = serve(bed);
  const dialogues = Array.from({ length: 100 }, () => new Dialogue(bed, service));
  for (const dialogue of dialogues) INTO.synReceived(dialogue);
  for (const dialogue of dialogues) dialogue.wait(TIMEOUTS.synReceived + 1);
  const { expired, freed } = bed.sweep();
  assert.deepEqual([expired.length, freed, bed.counts().expiredEmbryo], [64, 36, 100]);
  assert.deepEqual([bed.sweep().freed, bed.counts().expiredEmbryo], [64, 100]);
});

test('a sweep visits the slots it is told to, and no more', () => {
  using bed = new PacketBed({ slots: 32 });
  const service = serve(bed);
  const dialogues = Array.from({ length: 32 }, () => new Dialogue(bed, service));
  for (const dialogue of dialogues) dialogue.syn();
  for (const dialogue of dialogues) dialogue.wait(TIMEOUTS.synSent + 1);
  assert.equal(bed.sweep(8, 8).freed, 8);
  assert.deepEqual(
    bed.connections().map(({ slot }) => slot),
    Array.from({ length: 32 }, (_, slot) => slot).filter((slot) => slot < 8 || slot >= 16),
  );
  assert.equal(bed.sweep(16, 1000).freed, 16, 'to the end of the table');
  assert.equal(bed.sweep(1000, 8).freed, 0, 'and not beyond it');
});

test('without sweeping, a new connection finds the slot of one that expired', () => {
  using bed = new PacketBed({ slots: 4 });
  const service = serve(bed);
  const dialogues = Array.from({ length: 4 }, () => new Dialogue(bed, service).exchange());
  assert.equal(new Dialogue(bed, service).syn().counted.dropTableFull, 1);
  dialogues[2]!.wait(TIMEOUTS.established + 1);
  const next = new Dialogue(bed, service).exchange();
  assert.equal(bed.connections().length, 4);
  assert.equal(bed.counts().expiredEstablished, 1);
  assert.equal(dialogues[2]!.fromClient().counted.resetUnknown, 1, 'the one that expired is answered');
  assert.equal(next.fromClient().counted.toBackend, 1);
});

test('tuples are gone with their connection', () => {
  using bed = new PacketBed({ slots: 16 });
  const service = serve(bed);
  for (let round = 0; round < 100; round++) {
    const dialogue = new Dialogue(bed, service).exchange();
    dialogue.wait(TIMEOUTS.established + 1);
    bed.sweep();
    bed.sweep();
    assert.equal(dialogue.connection, undefined);
  }
  assert.equal(bed.tuples(), 0);
});
