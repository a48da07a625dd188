import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PROFILES } from '../src/wire/profiles.js';
import { PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';
import { option, options, toa } from './support/packets/options.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const REQUEST = { payload: Buffer.from('request'), flags: FLAG.PSH | FLAG.ACK };
const ANSWER = { payload: Buffer.from('answer') };

const SYN = ['syn'] as const;
const ACK = ['ack'] as const;
const DATA = ['data'] as const;

for (const { on, tagged } of [
  { on: SYN, tagged: { taggedSyn: 1 } },
  { on: ACK, tagged: { taggedAck: 1 } },
  { on: DATA, tagged: { taggedData: 2 } },
  { on: [...SYN, ...DATA], tagged: { taggedSyn: 1, taggedData: 2 } },
  { on: [], tagged: {} },
] as const)
  test(`TOA on [${on.join(', ')}] stands on these segments only`, () => {
    const before = bed.counts();
    const dialogue = talk(bed, { tagOn: on });
    dialogue.handshake();
    dialogue.fromClient(REQUEST);
    dialogue.fromClient(REQUEST);
    dialogue.fromBackend(ANSWER);
    dialogue.fromClient();
    dialogue.fromClient(REQUEST);
    const after = bed.counts();
    for (const name of ['taggedSyn', 'taggedAck', 'taggedData'] as const)
      assert.equal(
        after[name]! - before[name]!,
        { taggedSyn: 0, taggedAck: 0, taggedData: 0, ...tagged }[name],
      );
  });

test('the option stands right behind the fixed header, in front of the client’s own', () => {
  const dialogue = talk(bed);
  const own = option(77, 1, 2);
  const { bytes } = dialogue.syn({ options: options(own) });
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  assert.deepEqual(
    [...frame.tcp.options],
    [...toa(254, dialogue.client.address, dialogue.client.port), ...own],
  );
});

test('every segment that may complete the handshake is tagged until the client acknowledged an answer', () => {
  const dialogue = talk(bed).handshake();
  assert.equal(dialogue.fromClient(REQUEST).counted.taggedData, 1);
  const again = dialogue.clientNext - REQUEST.payload.length;
  assert.equal(dialogue.fromClient({ ...REQUEST, seq: again }).counted.taggedData, 1, 'sent again');
  dialogue.fromBackend();
  assert.equal(dialogue.fromClient().counted.taggedAck, 1, 'an empty one');
  dialogue.fromBackend(ANSWER);
  assert.equal(dialogue.fromClient(REQUEST).counted.taggedData, undefined, 'behind the answer');
  const old = dialogue.fromClient({ ...REQUEST, seq: again, ack: dialogue.backendIsn + 1 });
  assert.equal(old.counted.taggedData, 1, 'the first one, sent long ago');
});

test('a request that carries its FIN is tagged', () => {
  const dialogue = talk(bed).handshake();
  const { counted } = dialogue.fromClient({ payload: REQUEST.payload, flags: FLAG.FIN | FLAG.ACK });
  assert.equal(counted.taggedData, 1);
});

test('a SYN with payload is tagged, and so is one that is sent again', () => {
  const dialogue = talk(bed);
  assert.equal(dialogue.syn({ payload: REQUEST.payload }).counted.taggedSyn, 1);
  assert.equal(dialogue.syn({ payload: REQUEST.payload }).counted.taggedSyn, 1);
});

test('a RST is never tagged', () => {
  const dialogue = talk(bed).handshake();
  assert.equal(dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK }).counted.taggedAck, undefined);
});

test('a backend whose initial number is the last one there is', () => {
  const dialogue = talk(bed, {}, 4, { backendIsn: 0xffffffff, clientIsn: 0xfffffff0 });
  dialogue.handshake();
  assert.equal(dialogue.fromClient(REQUEST).counted.taggedData, 1);
  dialogue.fromBackend(ANSWER);
  assert.equal(dialogue.fromClient(REQUEST).counted.taggedData, undefined);
});

const SENT = ['tencent', 'lvs', 'dpvs', 'huawei', 'ucloud', 'alibaba-slb', 'bytedance'];

for (const { name, entries } of PROFILES.filter((profile) => SENT.includes(profile.name)))
  for (const [family, length] of [
    [4, 8],
    [6, 20],
  ] as const)
    test(`profile ${name}, IPv${family}`, () => {
      const kind = entries.find(
        (entry) => (entry.format === 1 ? 8 : entry.format === 2 ? 20 : 0) === length,
      )?.kind;
      const dialogue = talk(
        bed,
        { kind4: family === 4 ? (kind ?? 0) : 0, kind6: family === 6 ? (kind ?? 0) : 0 },
        family,
      );
      const { counted, bytes } = dialogue.syn();
      const frame = parseFrame(bytes);
      assert.ok(frame !== undefined && 'tcp' in frame);
      const { address, port } = dialogue.client;
      assert.deepEqual([...frame.tcp.options], kind === undefined ? [] : toa(kind, address, port));
      assert.equal(counted.noKind, kind === undefined ? 1 : undefined);
    });

test('a client that got two SYN-ACKs with different numbers is tagged whichever it acknowledges', () => {
  for (const second of [5_700_000, 4_300_000]) {
    const dialogue = talk(bed);
    dialogue.syn();
    dialogue.synAck({ seq: 5_000_000 });
    dialogue.synAck({ seq: second });
    const forged = options(toa(254, '192.0.2.66', 6666));
    const { bytes } = dialogue.fromClient({ ...REQUEST, ack: 5_000_001, options: forged });
    const frame = parseFrame(bytes);
    assert.ok(frame !== undefined && 'tcp' in frame);
    assert.deepEqual(
      [...frame.tcp.options.subarray(0, 8)],
      toa(254, dialogue.client.address, dialogue.client.port),
    );
    assert.deepEqual([...frame.tcp.options.subarray(8)], new Array(8).fill(1), 'nothing of the forged one');
  }
});
