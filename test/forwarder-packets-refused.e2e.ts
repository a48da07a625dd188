import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { DO_NOT_FRAGMENT, PROTOCOL } from '../src/lab/ip-packet.js';
import { run } from '../src/lab/run.js';
import { FLAG } from '../src/lab/tcp.js';
import { type Outcome, PacketBed, type Service } from './support/forwarder/bed.js';
import { Dialogue, talk } from './support/forwarder/dialogue.js';
import { MAC, routeTo, useNetwork } from './support/forwarder/network.js';
import { frameBetween, newClient, type Part } from './support/forwarder/segments.js';
import type { Endpoint } from './support/forwarder/structs.js';
import { before, test } from './support/forwarder/test.js';
import { assertFrame } from './support/packets/assert-frame.js';
import { buildFrame, parseFrame, type TcpFrame } from './support/packets/frame.js';
import { nops, options } from './support/packets/options.js';

useNetwork();

const V4 = { address: '198.51.100.10', port: 443 } as const;
const V6 = { address: '2001:db8:5::10', port: 443 } as const;

let bed: PacketBed;
let services: Record<4 | 6, Service>;
before(() => {
  bed = new PacketBed();
  services = {
    4: bed.addService({ listen: V4, backends: [{ address: '10.1.1.1', port: 80 }] }),
    6: bed.addService({ listen: V6, backends: [{ address: 'fd00:1::1:1', port: 80 }] }),
  };
});

/** A client's segment out of nowhere. */
function stray(listen: Endpoint, part: Part): TcpFrame {
  const client = newClient(listen.address.includes(':') ? '2001:db8:c::7' : undefined);
  return frameBetween(client, listen, part, MAC.clientRouter, MAC.clients);
}

/** The RST that answers a segment, as RFC 9293, 3.10.7.1 has it. */
function resetTo({ ethernet, ip, tcp }: TcpFrame): TcpFrame {
  const length = tcp.payload.length + (tcp.flags & FLAG.SYN ? 1 : 0) + (tcp.flags & FLAG.FIN ? 1 : 0);
  const isAck = (tcp.flags & FLAG.ACK) !== 0;
  return {
    ethernet: { ...ethernet, source: ethernet.destination, destination: ethernet.source },
    ip: {
      ...ip,
      src: ip.dst,
      dst: ip.src,
      ttl: 64,
      tos: 0,
      id: 0,
      fragment: ip.src.includes(':') ? 0 : DO_NOT_FRAGMENT,
      flowLabel: 0,
    },
    tcp: {
      sport: tcp.dport,
      dport: tcp.sport,
      seq: isAck ? tcp.ack : 0,
      ack: isAck ? 0 : (tcp.seq + length) >>> 0,
      flags: isAck ? FLAG.RST : FLAG.RST | FLAG.ACK,
      window: 0,
      options: new Uint8Array(),
      payload: new Uint8Array(),
    },
  };
}

const fate = ({ verdict, counted }: Outcome): unknown => [verdict, counted];

for (const listen of [V4, V6])
  for (const [name, part] of Object.entries({
    'an ACK': { flags: FLAG.ACK, seq: 7, ack: 9 },
    'data with options': { seq: 7, ack: 9, payload: Buffer.alloc(999), options: options(nops(40)) },
    'a FIN': { flags: FLAG.FIN | FLAG.ACK, seq: 7, ack: 9 },
    'a FIN without ACK': { flags: FLAG.FIN, seq: 0xfffffffe, payload: Buffer.from('abc') },
    'a SYN-ACK': { flags: FLAG.SYN | FLAG.ACK, seq: 7, ack: 9 },
    'a SYN with FIN': { flags: FLAG.SYN | FLAG.FIN, seq: 7 },
    'no flag at all': { flags: 0, seq: 7, payload: Buffer.from('abc') },
    'a segment in a VLAN': { flags: FLAG.ACK, seq: 7, ack: 9, vlan: 0x6005 },
    'a short one in a frame that was filled up': { flags: FLAG.ACK, ack: 9, padding: new Uint8Array(6) },
  } satisfies Record<string, Part>))
    test(`of no connection, to ${listen.address}: ${name} is answered with a RST`, () => {
      const frame = stray(listen, part);
      const outcome = bed.send(frame, 'clients');
      assert.deepEqual(fate(outcome), ['tx', { resetUnknown: 1 }]);
      assertFrame(outcome.bytes, resetTo(frame));
    });

test('a client’s SYN-ACK is dropped, in the handshake and after it', () => {
  const answer = { flags: FLAG.SYN | FLAG.ACK, payload: Buffer.from('x') };
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.synAck();
  const frame = dialogue.clientFrame(answer);
  assert.deepEqual(fate(bed.send(frame, 'clients')), ['drop', { dropMalformed: 1 }]);
  dialogue.exchange();
  assert.deepEqual(fate(dialogue.fromClient(answer)), ['drop', { dropMalformed: 1 }]);
});

for (const listen of [V4, V6])
  test(`a backend that speaks of its port’s former connection is reset, and the client hears nothing: ${listen.address}`, () => {
    const dialogue = new Dialogue(bed, services[listen === V4 ? 4 : 6]);
    dialogue.syn();
    const former = { seq: 77_000_000, ack: (dialogue.connection!.isn + 0x4000_0000) >>> 0 };
    for (const part of [{}, { payload: Buffer.from('secret') }, { flags: FLAG.FIN | FLAG.ACK }]) {
      const frame = dialogue.backendFrame({ ...former, ...part });
      const outcome = bed.send(frame, 'backends');
      assert.deepEqual(fate(outcome), ['tx', { resetFormer: 1 }]);
      assertFrame(outcome.bytes, resetTo(frame));
    }
    assert.equal(dialogue.exchange().connection?.flags.includes('established'), true);
  });

test('under Fast Open a backend’s first data may overtake its SYN-ACK', () => {
  const dialogue = talk(bed);
  dialogue.syn({ payload: Buffer.from('request') });
  const early = dialogue.fromBackend({ seq: 5_000_001, payload: Buffer.from('answer') });
  assert.equal(early.counted.toClient, 1);
});

test('a RST of no connection is not answered', () => {
  for (const flags of [FLAG.RST, FLAG.RST | FLAG.ACK, FLAG.RST | FLAG.SYN])
    assert.deepEqual(fate(bed.send(stray(V4, { flags }), 'clients')), ['drop', { dropUnknownReset: 1 }]);
});

test('while no backend is up a SYN is answered with a RST, or with silence', () => {
  for (const [flags, expected] of [
    [['downReset'], ['tx', { resetDown: 1 }]],
    [[], ['drop', { dropDown: 1 }]],
  ] as const) {
    const service = bed.addService({
      listen: { ...V4, port: 1000 + flags.length },
      flags,
      backends: [{ address: '10.1.1.2', port: 80 }],
    });
    const talking = new Dialogue(bed, service).exchange();
    bed.setScheduled(service, 0);
    const frame = stray(service.options.listen, { flags: FLAG.SYN, seq: 77 });
    const outcome = bed.send(frame, 'clients');
    assert.deepEqual(fate(outcome), expected);
    if (outcome.verdict === 'tx') assertFrame(outcome.bytes, resetTo(frame));
    assert.equal(talking.fromClient().counted.toBackend, 1, 'who is connected goes on');
    bed.setScheduled(service, 1);
    assert.equal(new Dialogue(bed, service).syn().counted.toBackend, 1);
  }
});

/** A frame whose checksum was left to a network card: in its place stands the sum of the pseudo-header. */
function leftToCard(frame: TcpFrame): {
  readonly bytes: Uint8Array;
  readonly pseudo: number;
  readonly whole: number;
} {
  const bytes = buildFrame(frame);
  const view = new DataView(bytes.buffer);
  const [from, ipLength] = frame.ip.src.includes(':') ? [22, 40] : [26, 20];
  const tcpAt = 14 + ipLength;
  let sum = PROTOCOL.TCP + bytes.length - tcpAt;
  for (let at = from; at < tcpAt; at += 2) sum += view.getUint16(at);
  const pseudo = foldSum(sum);
  const whole = view.getUint16(tcpAt + 16);
  view.setUint16(tcpAt + 16, pseudo);
  return { bytes, pseudo, whole };
}

const foldSum = (sum: number): number => (sum > 0xffff ? foldSum((sum & 0xffff) + (sum >>> 16)) : sum);

for (const [family, listen] of [
  [4, V4],
  [6, V6],
] as const) {
  test(`IPv${family}: a SYN whose checksum was left to a card opens nothing, and a SYN-ACK goes nowhere`, () => {
    const left = leftToCard(stray(listen, { flags: FLAG.SYN, seq: 1 }));
    assert.deepEqual(fate(bed.send(left.bytes, 'clients')), ['drop', { dropUnsummed: 1 }]);
    const dialogue = new Dialogue(bed, services[family]);
    assert.equal(dialogue.syn().counted.toBackend, 1);
    const { bytes } = leftToCard(dialogue.backendFrame({ flags: FLAG.SYN | FLAG.ACK }));
    const port = routeTo(dialogue.translation.backend.address).port;
    assert.deepEqual(fate(bed.send(bytes, port)), ['drop', { dropUnsummed: 1 }]);
    assert.equal(dialogue.synAck().counted.toClient, 1);
  });

  test(`IPv${family}: a whole checksum that looks as if it had been left to a card is believed`, () => {
    const part = { flags: FLAG.SYN, options: options(nops(8)) };
    const { pseudo, whole, bytes } = leftToCard(stray(listen, { ...part, seq: 0 }));
    assert.equal(bed.send(bytes, 'clients').verdict, 'drop');
    const client = parseFrame(bytes) as TcpFrame;
    const alike = { ...client, tcp: { ...client.tcp, seq: foldSum(whole + (~pseudo & 0xffff)) } };
    assert.equal(leftToCard(alike).whole, pseudo, 'they look the same');
    assert.equal(bed.send(alike, 'clients').counted.toBackend, 1);
  });
}

test('a TTL that ends here is the end of the segment, either way', () => {
  const dialogue = new Dialogue(bed, services[4]).exchange();
  const old = new Dialogue(bed, services[6]).exchange();
  for (const ttl of [0, 1]) {
    assert.deepEqual(fate(dialogue.fromClient({ ip: { ttl } })), ['drop', { dropTtl: 1 }]);
    assert.deepEqual(fate(old.fromBackend({ ip: { ttl } })), ['drop', { dropTtl: 1 }]);
  }
  assert.equal(dialogue.fromClient({ ip: { ttl: 2 } }).counted.toBackend, 1);
});

test('fragments to the services are dropped, first and later ones', () => {
  for (const fragment of [0x2000, 0x2001, 0x0001, 0x6000, 0x3fff])
    assert.deepEqual(fate(bed.send(stray(V4, { ip: { fragment } }), 'clients')), [
      'drop',
      { dropFragment: 1 },
    ]);
  const frame = stray(V6, { ip: { protocol: 44 } });
  const { tcp, ...rest } = frame;
  const inner = Buffer.from(buildFrame({ ...frame, ip: { ...frame.ip, protocol: PROTOCOL.TCP } })).subarray(
    54,
  );
  const raw = Buffer.concat([Uint8Array.of(PROTOCOL.TCP, 0, 0, 1, 0, 0, 0, 9), inner]);
  assert.deepEqual(fate(bed.send({ ...rest, raw }, 'clients')), ['drop', { dropFragment: 1 }]);
});

test('IPv4 options and IPv6 extension headers in front of TCP are dropped', () => {
  for (const length of [4, 8, 40]) {
    const frame = stray(V4, { ip: { options: options(nops(length)) }, flags: FLAG.SYN });
    assert.deepEqual(fate(bed.send(frame, 'clients')), ['drop', { dropIpOptions: 1 }]);
  }
  for (const extension of [0, 43, 60]) {
    const frame = stray(V6, { flags: FLAG.SYN });
    const inner = Buffer.from(buildFrame(frame)).subarray(54);
    const raw = Buffer.concat([Uint8Array.of(PROTOCOL.TCP, 0, 1, 4, 0, 0, 0, 0), inner]);
    const { tcp, ...rest } = { ...frame, ip: { ...frame.ip, protocol: extension } };
    assert.deepEqual(fate(bed.send({ ...rest, raw }, 'clients')), ['drop', { dropIpOptions: 1 }]);
  }
});

for (const [why, backend, counter] of [
  ['no route', '10.67.0.1', 'dropNoRoute'],
  ['an unknown neighbour', '10.1.9.9', 'dropNoNeighbour'],
  ['a route by an interface that is not the forwarder’s', '10.66.0.2', 'dropElsewhere'],
] as const)
  test(`to a backend behind ${why} nothing is sent`, () => {
    const dialogue = talk(bed, { backends: [{ address: backend, port: 80 }] });
    const { verdict, counted } = dialogue.syn();
    assert.deepEqual([verdict, counted[counter]], ['drop', 1]);
  });

test('a route that goes and comes back is noticed within a second, and connections outlive it', async () => {
  const dialogue = talk(bed, { backends: [{ address: '10.3.0.1', port: 80 }] }).exchange();
  await run(['ip', 'route', 'del', '10.3.0.0/16']);
  await run(['ip', 'route', 'add', 'unreachable', '10.3.0.0/16']);
  dialogue.forgetRoutes();
  assert.deepEqual(fate(dialogue.fromClient()), ['drop', { dropNoRoute: 1 }]);
  assert.deepEqual(fate(dialogue.fromClient()), ['drop', { dropNoRoute: 1 }]);
  await run(['ip', 'route', 'replace', '10.3.0.0/16', 'via', '10.1.0.254']);
  assert.equal(dialogue.fromClient().counted.toBackend, 1);
});

test('a new connection takes a route that another one was told within the last second', async () => {
  const backends = [{ address: '10.3.0.1', port: 80 }];
  bed.forgetKnownRoutes();
  assert.equal(talk(bed, { backends }).syn().counted.toBackend, 1);
  await run(['ip', 'route', 'replace', 'unreachable', '10.3.0.0/16']);
  try {
    assert.equal(talk(bed, { backends }).syn().counted.toBackend, 1);
    bed.forgetKnownRoutes();
    assert.equal(talk(bed, { backends }).syn().counted.dropNoRoute, 1);
  } finally {
    await run(['ip', 'route', 'replace', '10.3.0.0/16', 'via', '10.1.0.254']);
  }
});

test('a neighbour that the kernel forgets is still the next hop', async () => {
  const dialogue = talk(bed, { backends: [{ address: '10.1.1.4', port: 80 }] }).exchange();
  await run(['ip', 'neigh', 'del', '10.1.1.4', 'dev', 'backends']);
  dialogue.forgetRoutes();
  assert.equal(dialogue.fromClient().counted.toBackend, 1);
});

for (const [family, sysctl] of [
  [4, 'net/ipv4/ip_forward'],
  [6, 'net/ipv6/conf/all/forwarding'],
] as const)
  test(`without the kernel’s forwarding of IPv${family} nothing is sent, and the counter says why`, () => {
    bed.forgetKnownRoutes();
    writeFileSync(`/proc/sys/${sysctl}`, '0');
    const { verdict, counted } = new Dialogue(bed, services[family]).syn();
    writeFileSync(`/proc/sys/${sysctl}`, '1');
    assert.deepEqual([verdict, counted.dropForwardingOff], ['drop', 1]);
  });
