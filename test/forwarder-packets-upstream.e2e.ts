import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { Format } from '../src/wire/formats.js';
import { KNOWN_OPTIONS } from '../src/wire/profiles.js';
import { type Outcome, PacketBed } from './support/forwarder/bed.js';
import { type Dialogue, talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import type { Endpoint, ServiceOptions } from './support/forwarder/structs.js';
import { before, test } from './support/forwarder/test.js';
import { parseFrame } from './support/packets/frame.js';
import { nops, options, toa } from './support/packets/options.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const REQUEST = { payload: Buffer.from('request'), flags: FLAG.PSH | FLAG.ACK };
const CLIENT = { address: '192.0.2.77', port: 7777 } as const;
const CLIENT6 = { address: '2001:db8:7::7', port: 7777 } as const;
/** Where the dialogues' own addresses are from. */
const TRUSTED: Partial<ServiceOptions> = { upstreams: ['203.0.113.0/24', '2001:db8:c::/48'] };

const says = ({ address, port }: Endpoint, kind = 254): Uint8Array => options(toa(kind, address, port));

function optionsOf({ bytes }: Outcome): number[] {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  return [...frame.tcp.options];
}

/** A dialogue with a trusted forwarder. */
function upstream(service: Partial<ServiceOptions> = {}, family: 4 | 6 = 4): Dialogue {
  return talk(bed, { ...TRUSTED, ...service }, family, { isUpstream: true });
}

test('whom a trusted forwarder speaks for is passed on, on every segment', () => {
  const dialogue = upstream();
  const syn = dialogue.syn({ options: says(CLIENT) });
  assert.deepEqual(optionsOf(syn), [...says(CLIENT), ...nops(8)]);
  assert.equal(syn.counted.upstream, 1);
  dialogue.synAck();
  assert.deepEqual(optionsOf(dialogue.fromClient({ options: says(CLIENT) })), [...says(CLIENT), ...nops(8)]);
  assert.deepEqual(optionsOf(dialogue.fromClient(REQUEST)), [...says(CLIENT)]);
  assert.deepEqual(dialogue.connection!.taggedClient, CLIENT);
  assert.ok(dialogue.connection!.flags.includes('upstream'));
});

test('an upstream that tags no SYN: nothing is said until it has spoken', () => {
  const dialogue = upstream();
  assert.deepEqual(optionsOf(dialogue.syn()), []);
  dialogue.synAck();
  assert.deepEqual(optionsOf(dialogue.fromClient({ options: says(CLIENT) })), [...says(CLIENT), ...nops(8)]);
});

test('an upstream that says nothing is not taken for its client', () => {
  const dialogue = upstream();
  dialogue.syn();
  dialogue.synAck();
  for (const outcome of [dialogue.fromClient(), dialogue.fromClient(REQUEST)]) {
    assert.deepEqual(optionsOf(outcome), []);
    assert.equal(outcome.counted.notTold, 1);
  }
});

test('it is written anew, with the service’s own kind', () => {
  const dialogue = upstream({ kind4: 200 });
  assert.deepEqual(optionsOf(dialogue.syn({ options: says(CLIENT, 254) })), [
    ...says(CLIENT, 200),
    ...nops(8),
  ]);
});

test('every format with a client and a port is understood', () => {
  const formats = { [Format.IPV4]: 8, [Format.IPV4_VIP]: 16, [Format.VTOA4]: 20 } as const;
  for (const { kind, format, by } of KNOWN_OPTIONS) {
    const length = formats[format as keyof typeof formats];
    if (length === undefined) continue;
    const dialogue = upstream().handshake();
    const list = [...toa(kind, CLIENT.address, CLIENT.port), ...new Array<number>(length - 8).fill(3)];
    list[1] = length;
    const outcome = dialogue.fromClient({ ...REQUEST, options: options(list) });
    assert.deepEqual(optionsOf(outcome), [...says(CLIENT), ...nops(length)], `${by}: ${kind}/${length}`);
  }
});

for (const [name, family, client] of [
  ['an IPv6 client behind an IPv4 forwarder', 4, CLIENT6],
  ['an IPv4 client behind an IPv6 forwarder', 6, CLIENT],
  ['an IPv6 client behind an IPv6 forwarder', 6, CLIENT6],
] as const)
  test(name, () => {
    const dialogue = upstream({}, family);
    const syn = dialogue.syn({ options: says(client) });
    assert.deepEqual(optionsOf(syn).slice(0, says(client).length), [...says(client)]);
  });

test('somebody who is not trusted is not believed', () => {
  const dialogue = talk(bed, { upstreams: ['198.18.0.0/15'] });
  const { counted } = dialogue.syn({ options: says(CLIENT) });
  assert.deepEqual([counted.upstream, counted.scrubbed], [undefined, 1]);
});

test('trust is the service’s own', () => {
  upstream();
  const other = talk(bed);
  assert.equal(other.syn({ options: says(CLIENT) }).counted.scrubbed, 1);
});

test('the first of several options is the upstream’s own', () => {
  const dialogue = upstream().handshake();
  const forged = toa(200, '192.0.2.66', 6666);
  const outcome = dialogue.fromClient({ ...REQUEST, options: options([...says(CLIENT)], forged) });
  assert.deepEqual(optionsOf(outcome), [...says(CLIENT), ...nops(16)]);
});

test('a client behind an upstream cannot change what the upstream said with the ACK', () => {
  const dialogue = upstream();
  dialogue.syn();
  dialogue.synAck();
  dialogue.fromClient({ options: says(CLIENT) });
  const forged = says({ address: '192.0.2.66', port: 6666 });
  assert.deepEqual(optionsOf(dialogue.fromClient({ ...REQUEST, options: forged })), [
    ...says(CLIENT),
    ...nops(8),
  ]);
});

test('what stands on the ACK counts for more than what stood on the SYN, which not every upstream scrubs', () => {
  const forged = { address: '192.0.2.66', port: 6666 };
  const dialogue = upstream();
  dialogue.syn({ options: says(forged) });
  dialogue.synAck();
  assert.deepEqual(optionsOf(dialogue.fromClient({ options: says(CLIENT) })), [...says(CLIENT), ...nops(8)]);
});

test('an upstream’s next connection from the same port is not mistaken for the last one’s client', () => {
  const dialogue = upstream();
  dialogue.syn({ options: says(CLIENT) });
  dialogue.synAck();
  dialogue.fromClient({ ...REQUEST, options: says(CLIENT) });
  dialogue.fromBackend({ payload: REQUEST.payload });
  assert.deepEqual(optionsOf(dialogue.syn({ seq: 999 })), []);
  dialogue.synAck({ seq: 444 });
  const next = { address: '192.0.2.78', port: 7878 };
  assert.deepEqual(optionsOf(dialogue.fromClient({ options: says(next) })), [...says(next), ...nops(8)]);
  assert.deepEqual(dialogue.connection!.taggedClient, next);
});

test('addresses that no client can have are not believed', () => {
  for (const address of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '::ffff:192.0.2.9']) {
    const dialogue = upstream();
    const outcome = dialogue.syn({ options: options(toa(254, address, 1)) });
    assert.equal(outcome.counted.upstream, undefined, address);
  }
  assert.equal(upstream().syn({ options: says({ ...CLIENT, port: 0 }) }).counted.upstream, undefined);
});
