import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { type Outcome, PacketBed } from './support/forwarder/bed.js';
import { type Dialogue, talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';
import {
  mss,
  NOP,
  nops,
  option,
  options,
  SACK_PERMITTED,
  timestamps,
  toa,
  windowScale,
} from './support/packets/options.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const REQUEST = { payload: Buffer.from('request'), flags: FLAG.PSH | FLAG.ACK };
/** MPTCP's first option on the ACK and the data (RFC 8684 section 3.1). */
const MP_CAPABLE = option(30, ...new Array<number>(18).fill(9));
const LINUX_SYN = [mss(1460), SACK_PERMITTED, timestamps(1000, 0), NOP, windowScale(7)] as const;

function optionsOf({ bytes }: Outcome): number[] {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  return [...frame.tcp.options];
}

const ownToa = ({ client }: Dialogue, kind = 254): number[] => toa(kind, client.address, client.port);

test('a Linux SYN has room for both options', () => {
  for (const [family, length] of [
    [4, 28],
    [6, 40],
  ] as const) {
    const dialogue = talk(bed, {}, family);
    const syn = dialogue.syn({ options: options(...LINUX_SYN) });
    assert.equal(optionsOf(syn).length, length);
    assert.deepEqual([syn.counted.compacted, syn.counted.noRoom], [undefined, undefined]);
  }
});

test('timestamps, MPTCP and an IPv4 client fit exactly', () => {
  const dialogue = talk(bed).handshake({ syn: { options: options(NOP, NOP, timestamps(1, 0)) } });
  const { timestampShift } = dialogue.translation;
  const list = options(NOP, NOP, timestamps(2, 3), MP_CAPABLE);
  assert.deepEqual(optionsOf(dialogue.fromClient({ ...REQUEST, options: list })), [
    ...ownToa(dialogue),
    ...NOP,
    ...NOP,
    ...timestamps(2 + timestampShift, 3),
    ...MP_CAPABLE,
  ]);
});

test('padding makes room where that is enough', () => {
  const dialogue = talk(bed).handshake();
  const own = option(77, ...new Array<number>(26).fill(5));
  const outcome = dialogue.fromClient({ ...REQUEST, options: options(nops(3), own, nops(5)) });
  assert.deepEqual(optionsOf(outcome), [...ownToa(dialogue), ...own]);
  assert.deepEqual([outcome.counted.compacted, outcome.counted.taggedData], [1, 1]);
});

test('what is left of the padding fills the last word', () => {
  const dialogue = talk(bed).handshake();
  const own = option(77, ...new Array<number>(23).fill(5));
  const outcome = dialogue.fromClient({ ...REQUEST, options: options(own, nops(11)) });
  assert.deepEqual(optionsOf(outcome), [...ownToa(dialogue), ...own, 0, 0, 0]);
});

test('timestamps make room on a SYN where the service allows it, and there only', () => {
  const crowded = options(...LINUX_SYN, option(34, 1, 2, 3, 4, 5, 6, 7, 8), nops(2));
  const yielding = talk(bed, { flags: ['yieldTimestamps'] }, 6);
  const given = yielding.syn({ options: crowded });
  assert.deepEqual([given.counted.timestampsGivenUp, given.counted.taggedSyn], [1, 1]);
  assert.deepEqual(optionsOf(given), [
    ...ownToa(yielding),
    ...mss(1460),
    ...SACK_PERMITTED,
    ...windowScale(7),
    ...option(34, 1, 2, 3, 4, 5, 6, 7, 8),
    0,
  ]);
  const keeping = talk(bed, {}, 6).syn({ options: crowded });
  assert.deepEqual([keeping.counted.timestampsGivenUp, keeping.counted.noRoom], [undefined, 1]);
  const later = talk(bed, { flags: ['yieldTimestamps'] }, 6).handshake();
  const data = later.fromClient({ ...REQUEST, options: options(NOP, NOP, timestamps(2, 3), MP_CAPABLE) });
  assert.deepEqual([data.counted.timestampsGivenUp, data.counted.noRoom], [undefined, 1]);
});

test('timestamps that would not make room enough are kept', () => {
  const dialogue = talk(bed, { flags: ['yieldTimestamps'] }, 6);
  const list = options(timestamps(7, 0), option(77, ...new Array<number>(22).fill(1)), nops(2));
  const outcome = dialogue.syn({ options: list });
  assert.deepEqual([outcome.counted.timestampsGivenUp, outcome.counted.noRoom], [undefined, 1]);
});

test('without room a segment goes without TOA, and is counted', () => {
  const dialogue = talk(bed, {}, 6).handshake();
  const list = options(NOP, NOP, timestamps(2, 3), MP_CAPABLE);
  const outcome = dialogue.fromClient({ ...REQUEST, options: list });
  assert.deepEqual([outcome.verdict, outcome.counted.noRoom], ['redirect', 1]);
  assert.ok(dialogue.connection!.flags.includes('missed'));
});

test('a segment that would outgrow the route goes without TOA, and is counted', () => {
  const dialogue = talk(bed).handshake();
  const full = dialogue.fromClient({ payload: Buffer.alloc(1500 - 40 - 8) });
  assert.equal(full.counted.taggedData, 1, 'to the last byte');
  const over = dialogue.fromClient({ payload: Buffer.alloc(1500 - 40 - 7) });
  assert.deepEqual([over.verdict, over.counted.noRoomMtu], ['redirect', 1]);
  const narrow = talk(bed, { backends: [{ address: '10.3.0.1', port: 80 }] }).handshake();
  assert.equal(narrow.fromClient({ payload: Buffer.alloc(1400 - 40 - 7) }).counted.noRoomMtu, 1);
});

test('where a missing address means a reset, both sides are reset', () => {
  const dialogue = talk(bed, { flags: ['missingReset'], kind4: 0, tagOn: ['ack', 'data'] });
  dialogue.syn();
  dialogue.synAck();
  const refused = dialogue.fromClient(REQUEST);
  assert.deepEqual([refused.verdict, refused.counted.resetMissing, refused.counted.noKind], ['tx', 1, 1]);
  assert.ok(dialogue.connection!.flags.includes('aborted'));
  assert.equal(dialogue.fromClient(REQUEST).counted.resetAborted, 1);
  assert.equal(dialogue.fromBackend({ flags: FLAG.SYN | FLAG.ACK }).counted.resetAborted, 1);
});

test('a SYN without room is no reason for a reset while the ACK may still carry the address', () => {
  const crowded = { options: options(...LINUX_SYN, nops(20)) };
  const full = { options: options(option(77, ...new Array<number>(38).fill(1))) };
  const patient = talk(bed, { flags: ['missingReset'] });
  assert.equal(patient.syn(full).counted.toBackend, 1);
  patient.synAck();
  assert.equal(patient.fromClient().counted.taggedAck, 1);
  patient.fromBackend({ payload: Buffer.from('greeting') });
  assert.equal(patient.fromClient({ ...REQUEST, ...full }).counted.toBackend, 1, 'the backend knows by now');
  const strict = talk(bed, { flags: ['missingReset'], tagOn: ['syn'] });
  assert.equal(strict.syn(crowded).counted.toBackend, 1);
  assert.equal(talk(bed, { flags: ['missingReset'], tagOn: ['syn'] }).syn(full).counted.resetMissing, 1);
});

test('that a segment carried the address is no excuse for the next one without room, which may be what arrives', () => {
  const full = { options: options(option(77, ...new Array<number>(38).fill(1))) };
  const dialogue = talk(bed, { flags: ['missingReset'] }).handshake();
  assert.equal(dialogue.fromClient({ ...REQUEST, ...full }).counted.resetMissing, 1);
});

test('a client without a kind for its family is counted, and served', () => {
  const dialogue = talk(bed, { kind6: 0 }, 6);
  const { counted, verdict } = dialogue.syn();
  assert.deepEqual([verdict, counted.noKind, counted.taggedSyn], ['redirect', 1, undefined]);
});

test('a RST of an aborted connection is not answered', () => {
  const dialogue = talk(bed, { flags: ['missingReset'], kind4: 0 });
  dialogue.syn();
  dialogue.synAck();
  dialogue.fromClient(REQUEST);
  const { verdict } = dialogue.fromClient({ flags: FLAG.RST });
  assert.equal(verdict, 'drop');
});
