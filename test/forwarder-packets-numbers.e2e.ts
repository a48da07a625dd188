import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';
import { mss, NOP, nops, options, SACK_PERMITTED, sack, timestamps } from './support/packets/options.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const PAYLOAD = Buffer.from('payload');

function optionsOf(bytes: Uint8Array): number[] {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  return [...frame.tcp.options];
}

/** A Linux segment's options: two NOPs in front of what is 10 long. */
const aligned = (...list: readonly (readonly number[])[]): Uint8Array =>
  options(...list.map((one) => [...NOP, ...NOP, ...one]));

for (const clientIsn of [0, 1, 0x7fffffff, 0xffffffff])
  test(`sequence numbers are shifted and acknowledgements shifted back, from ${clientIsn} on`, () => {
    const dialogue = talk(bed, {}, 4, { clientIsn, backendIsn: 0xfffffff0 }).exchange();
    dialogue.fromClient({ payload: Buffer.alloc(1400) });
    dialogue.fromBackend();
    dialogue.fromBackend({ payload: Buffer.alloc(1400) });
    dialogue.fromClient();
  });

test('the backend does not see the client’s initial number', () => {
  const shifts = [1, 2, 3, 4].map(() => {
    const dialogue = talk(bed);
    dialogue.syn();
    return dialogue.translation.sequenceShift;
  });
  assert.equal(new Set(shifts).size, shifts.length);
});

for (const blocks of [1, 2, 3, 4])
  test(`the edges of ${blocks} SACK blocks from the backend are shifted back, the client’s pass`, () => {
    const edges = Array.from({ length: blocks }, (_, at) => [at * 100 + 50, at * 100 + 90] as const);
    const dialogue = talk(bed).exchange();
    const { sequenceShift, timestampShift } = dialogue.translation;
    const shifted = edges.map(
      ([left, right]) => [(left - sequenceShift) >>> 0, (right - sequenceShift) >>> 0] as const,
    );
    const plain = dialogue.fromBackend({ options: aligned(sack(...edges)) });
    assert.deepEqual(optionsOf(plain.bytes), [...aligned(sack(...shifted))]);
    if (blocks < 4) {
      const both = dialogue.fromBackend({ options: aligned(timestamps(5, 6), sack(...edges)) });
      assert.deepEqual(optionsOf(both.bytes), [
        ...aligned(timestamps(5, (6 - timestampShift) >>> 0), sack(...shifted)),
      ]);
    }
    const client = dialogue.fromClient({ options: aligned(sack(...edges)) });
    assert.deepEqual(optionsOf(client.bytes), [...aligned(sack(...edges))]);
  });

test('options in an order that no usual system has are shifted as well', () => {
  const dialogue = talk(bed);
  dialogue.syn({ options: options(timestamps(1000, 0), SACK_PERMITTED) });
  dialogue.synAck({ options: options(SACK_PERMITTED, timestamps(7, 1000)) });
  dialogue.fromClient({ options: options(timestamps(1001, 7), NOP, NOP) });
  dialogue.fromBackend({ options: options(sack([10, 20]), timestamps(8, 1001)), payload: PAYLOAD });
  dialogue.fromClient({ options: options(NOP, timestamps(1002, 8), NOP) });
  dialogue.fromClient({ options: options(timestamps(1002, 8), sack([1, 2])) });
  dialogue.fromBackend({ options: options(sack([10, 20]), NOP, NOP, sack([30, 40]), NOP, NOP) });
});

test('timestamps have one offset for the whole connection, and echoes come back as the client sent them', () => {
  const dialogue = talk(bed);
  const syn = dialogue.syn({ options: aligned(timestamps(1000, 0)) });
  const { timestampShift } = dialogue.translation;
  assert.notEqual(timestampShift, 0);
  assert.deepEqual(optionsOf(syn.bytes).slice(10), timestamps((1000 + timestampShift) >>> 0, 0));
  const again = dialogue.syn({ options: aligned(timestamps(2000, 0)) });
  assert.deepEqual(optionsOf(again.bytes).slice(10), timestamps((2000 + timestampShift) >>> 0, 0));
  const synAck = dialogue.synAck({ options: aligned(timestamps(77, (2000 + timestampShift) >>> 0)) });
  assert.deepEqual(optionsOf(synAck.bytes).slice(2), timestamps(77, 2000));
});

test('a connection without timestamps gets none', () => {
  const dialogue = talk(bed).exchange();
  assert.equal(dialogue.connection!.timestampShift, 0);
});

test('a service that strips timestamps offers none to the backend', () => {
  const dialogue = talk(bed, { flags: ['stripTimestamps'], tagOn: [] });
  const { bytes } = dialogue.syn({ options: options(mss(1460), SACK_PERMITTED, timestamps(1000, 0)) });
  assert.deepEqual(optionsOf(bytes), [...mss(1460), ...SACK_PERMITTED, ...nops(10)]);
});

test('a new connection with a reused port begins above the last one’s numbers', () => {
  using narrow = new PacketBed({ ports: { first: 5000, count: 1 } });
  let last = { isn: 0, timestamp: 0 };
  for (let round = 0; round < 20; round++) {
    const dialogue = talk(narrow);
    const { bytes } = dialogue.syn({ options: aligned(timestamps(1000, 0)) });
    const frame = parseFrame(bytes);
    assert.ok(frame !== undefined && 'tcp' in frame);
    assert.equal(dialogue.translation.local.port, 5000);
    const timestamp = (1000 + dialogue.translation.timestampShift) >>> 0;
    if (round > 0) {
      assert.ok(((frame.tcp.seq - last.isn) | 0) > 0, `${frame.tcp.seq} behind ${last.isn}`);
      assert.ok(((timestamp - last.timestamp) | 0) >= 0, `${timestamp} behind ${last.timestamp}`);
    }
    last = { isn: frame.tcp.seq, timestamp };
    dialogue.fromClient({ flags: FLAG.RST, seq: dialogue.clientNext });
  }
});

test('initial numbers of one local port grow by one in 64 ns', () => {
  using narrow = new PacketBed({ ports: { first: 5000, count: 1 } });
  const opened = [1, 2].map(() => {
    const dialogue = talk(narrow);
    const from = process.hrtime.bigint();
    dialogue.syn();
    const to = process.hrtime.bigint();
    dialogue.fromClient({ flags: FLAG.RST, seq: dialogue.clientNext });
    return { from, to, isn: (1_000_000 + dialogue.translation.sequenceShift) >>> 0 };
  });
  const [first, second] = opened as [(typeof opened)[number], (typeof opened)[number]];
  const grown = BigInt((second.isn - first.isn) >>> 0);
  assert.ok(grown >= (second.from - first.to) / 64n - 1n && grown <= (second.to - first.from) / 64n + 1n);
});

test('another key means other initial numbers', () => {
  const isns = [0n, 1n].map((bit) => {
    using one = new PacketBed({ ports: { first: 5000, count: 1 }, key: [7n, bit] });
    const dialogue = talk(one, { backends: [{ address: '10.1.1.1', port: 80 }] });
    const at = process.hrtime.bigint();
    dialogue.syn();
    return { isn: (1_000_000 + dialogue.translation.sequenceShift) >>> 0, at };
  });
  const [first, second] = isns as [(typeof isns)[number], (typeof isns)[number]];
  const byTheClock = (second.isn - first.isn - Number((second.at - first.at) / 64n)) | 0;
  assert.ok(Math.abs(byTheClock) > 2 ** 22, 'as if by the clock alone');
});

test('the MSS of the backend’s SYN-ACK is what fits through the route to the backend', () => {
  for (const { family, address, offered, left } of [
    { family: 4, address: '10.3.0.1', offered: 1460, left: 1352 },
    { family: 4, address: '10.3.0.1', offered: 1300, left: 1292 },
    { family: 6, address: 'fd00:3::1', offered: 1440, left: 1320 },
    { family: 6, address: '10.3.0.1', offered: 1460, left: 1340 },
  ] as const) {
    const dialogue = talk(bed, { backends: [{ address, port: 80 }] }, family);
    dialogue.syn({ options: options(mss(1460)) });
    const { bytes } = dialogue.synAck({ options: options(mss(offered)) });
    assert.deepEqual(optionsOf(bytes), mss(left));
  }
});

test('the MSS of the backend’s SYN-ACK leaves room for TOA', () => {
  for (const { offered, left, family, tagOn } of [
    { offered: 1460, left: 1452, family: 4, tagOn: ['data'] },
    { offered: 1440, left: 1420, family: 6, tagOn: ['data'] },
    { offered: 1460, left: 1460, family: 4, tagOn: ['syn', 'ack'] },
    { offered: 540, left: 536, family: 4, tagOn: ['data'] },
    { offered: 536, left: 536, family: 4, tagOn: ['data'] },
    { offered: 100, left: 100, family: 6, tagOn: ['data'] },
  ] as const) {
    const dialogue = talk(bed, { tagOn }, family);
    const syn = dialogue.syn({ options: options(mss(1460)) });
    assert.deepEqual(optionsOf(syn.bytes).slice(-4), mss(1460), 'the client’s own passes');
    const { bytes } = dialogue.synAck({ options: options(mss(offered)) });
    assert.deepEqual(optionsOf(bytes), mss(left));
  }
});
