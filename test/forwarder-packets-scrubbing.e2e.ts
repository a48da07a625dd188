import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { FORMATS } from '../src/wire/formats.js';
import { toHex } from '../src/wire/hex.js';
import { KNOWN_OPTIONS } from '../src/wire/profiles.js';
import { PacketBed } from './support/forwarder/bed.js';
import { type Dialogue, talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';
import { EOL, NOP, nops, option, options, sack, timestamps, toa } from './support/packets/options.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const FORGED = toa(254, '192.0.2.66', 6666);
const PAYLOAD = Buffer.from('request');

/** The options a segment left with, without the forwarder's own TOA in front. */
function behindToa({ client }: Dialogue, bytes: Uint8Array): number[] {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  const own = toa(254, client.address, client.port);
  assert.deepEqual([...frame.tcp.options.subarray(0, own.length)], own);
  return [...frame.tcp.options.subarray(own.length)];
}

test('a forged option is overwritten on the SYN, the ACK and the data', () => {
  const dialogue = talk(bed);
  const forged = { options: options(FORGED) };
  const syn = dialogue.syn(forged);
  dialogue.synAck();
  const ack = dialogue.fromClient(forged);
  const data = dialogue.fromClient({ ...forged, payload: PAYLOAD });
  for (const { bytes, counted } of [syn, ack, data]) {
    assert.deepEqual(behindToa(dialogue, bytes), nops(8));
    assert.equal(counted.scrubbed, 1);
  }
});

test('all copies of a forged option are overwritten, wherever they stand', () => {
  const dialogue = talk(bed).handshake();
  const { bytes } = dialogue.fromClient({
    options: options(FORGED, timestamps(1, 2), FORGED, NOP, NOP),
    payload: PAYLOAD,
  });
  const { timestampShift } = dialogue.translation;
  assert.deepEqual(behindToa(dialogue, bytes), [
    ...nops(8),
    ...timestamps(1 + timestampShift, 2),
    ...nops(10),
  ]);
});

test('every option that somebody reads as TOA is overwritten', () => {
  for (const { kind, format, by } of KNOWN_OPTIONS) {
    const { length, version } = FORMATS[format];
    if (length > 32) continue;
    const dialogue = talk(bed, { tagOn: ['ack'] }).handshake();
    const body = new Array<number>(length - 2).fill(7);
    if (version !== undefined) body[0] = version;
    const padding = nops((4 - (length % 4)) % 4);
    const { bytes } = dialogue.fromClient({ options: options(option(kind, ...body), padding) });
    assert.deepEqual(behindToa(dialogue, bytes), nops(length + padding.length), `${by}: ${kind}/${length}`);
  }
});

test('nothing is left to find behind the end of the list, or behind a broken option', () => {
  for (const end of [[...EOL], [254, 0], [254, 1], [9, 40], [NOP[0]!, 77, 99]]) {
    const dialogue = talk(bed).handshake();
    const list = [...end, ...FORGED];
    const padding = nops((4 - (list.length % 4)) % 4);
    const { bytes } = dialogue.fromClient({ options: options(list, padding), payload: PAYLOAD });
    const left = behindToa(dialogue, bytes);
    assert.ok(
      left.every((byte) => byte <= 1),
      `${end}: ${left}`,
    );
  }
});

test('Fast Open’s cookie from Linux and other people’s experiments are left alone', () => {
  const others = [
    option(254, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8),
    option(253, 0xde, 0xe9, 1, 2),
    option(28, 0, 77),
    option(34, 1, 2, 3, 4),
  ];
  for (const other of others) {
    const dialogue = talk(bed);
    const list = options(other, nops((4 - (other.length % 4)) % 4));
    const { bytes, counted } = dialogue.syn({ options: list });
    assert.deepEqual(behindToa(dialogue, bytes), [...list]);
    assert.equal(counted.scrubbed, undefined);
  }
});

test('what is of TOA’s kind and length is overwritten, though it may mean something else', () => {
  const others = [option(254, 0xf9, 0x89, 1, 2, 3, 4), option(28, 2, 192, 0, 2, 66)];
  for (const other of others) {
    const dialogue = talk(bed);
    const list = options(other, nops((4 - (other.length % 4)) % 4));
    const { bytes, counted } = dialogue.syn({ options: list });
    assert.deepEqual(behindToa(dialogue, bytes), nops(list.length));
    assert.equal(counted.scrubbed, 1);
  }
});

test('a service that tags nothing scrubs all the same', () => {
  const dialogue = talk(bed, { tagOn: [], kind4: 0 });
  const { bytes } = dialogue.syn({ options: options(FORGED) });
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  assert.deepEqual([...frame.tcp.options], nops(8));
});

test('a client cannot complete with a number that the forwarder did not see acknowledged', () => {
  const dialogue = talk(bed);
  // The first SYN never reaches the backend: its checksum is wrong there. The second one has another number.
  dialogue.syn({ seq: 1000 });
  dialogue.syn({ seq: 9000 });
  dialogue.synAck();
  const { bytes } = dialogue.fromClient({ options: options(FORGED), payload: PAYLOAD });
  assert.deepEqual(behindToa(dialogue, bytes), nops(8));
});

test('a client that makes the backend forget a connection cannot slip an option through its next one', () => {
  const dialogue = talk(bed).exchange();
  // The backend believes this RST; the next segment has a wrong checksum, so the forwarder alone hears of it.
  dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK });
  dialogue.fromClient({ payload: PAYLOAD });
  dialogue.syn({ seq: 777 });
  dialogue.synAck({ seq: 42_000_000 });
  const { bytes } = dialogue.fromClient({ options: options(FORGED), payload: PAYLOAD });
  assert.deepEqual(behindToa(dialogue, bytes), nops(8));
});

test('behind the backend’s first answer a forged option is overwritten as well, wherever it stands', () => {
  const lists = [
    [FORGED],
    [FORGED, timestamps(1, 2), NOP, NOP],
    [NOP, NOP, timestamps(1, 2), FORGED],
    [NOP, NOP, timestamps(1, 2), NOP, NOP, sack([3, 4]), FORGED],
    // A SACK that says it is shorter than what stands there.
    [NOP, NOP, timestamps(1, 2), NOP, NOP, [5, 2], FORGED],
    [NOP, NOP, sack([3, 4]), FORGED],
  ];
  for (const list of lists) {
    const dialogue = talk(bed).exchange();
    const { bytes, counted } = dialogue.fromClient({ options: options(...list), payload: PAYLOAD });
    const frame = parseFrame(bytes);
    assert.ok(frame !== undefined && 'tcp' in frame);
    assert.doesNotMatch(toHex(frame.tcp.options), new RegExp(toHex(Uint8Array.from(FORGED))));
    assert.equal(counted.scrubbed, 1);
  }
});

test('where the backend may have forgotten a connection, it is told who the client is once more', () => {
  // With SYN cookies it takes any two numbers that are as far apart as the handshake's for the end of another one.
  const ends: readonly ((dialogue: Dialogue) => void)[] = [
    (dialogue) => dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK }),
    (dialogue) => dialogue.fromBackend({ flags: FLAG.RST | FLAG.ACK }),
    (dialogue) => {
      dialogue.fromClient({ flags: FLAG.FIN | FLAG.ACK });
      dialogue.fromBackend({ flags: FLAG.FIN | FLAG.ACK });
      dialogue.fromClient();
    },
  ];
  for (const end of ends) {
    const dialogue = talk(bed).exchange();
    end(dialogue);
    const [seq, ack] = [dialogue.clientNext + 5000, dialogue.backendNext + 5000];
    for (const part of [{}, { payload: PAYLOAD }]) {
      const { bytes, counted } = dialogue.fromClient({ seq, ack, options: options(FORGED), ...part });
      assert.deepEqual(behindToa(dialogue, bytes), nops(8));
      assert.equal(counted.scrubbed, 1);
    }
  }
});
