import assert from 'node:assert/strict';
import { type Outcome, PacketBed } from './support/forwarder/bed.js';
import { type Dialogue, talk } from './support/forwarder/dialogue.js';
import { errorAbout, errorTo } from './support/forwarder/errors.js';
import { MAC, useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { assertFrame } from './support/packets/assert-frame.js';
import { buildPacket, parseFrame, type TcpFrame } from './support/packets/frame.js';
import { ICMP, type Icmp } from './support/packets/icmp.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

type Error = Omit<Icmp, 'payload'>;

/**
 * What both sides of a connection may speak, and what the client is told of path MTUs of 1400 and 1290 bytes: they leave
 * room for TOA and the other version's header, and IPv6 knows none below 1280.
 */
const PATHS = [
  { name: 'IPv4', client: 4, backend: '10.1.1.1', mtus: [1392, 1282] },
  { name: 'IPv6', client: 6, backend: 'fd00:1::1:1', mtus: [1380, 1280] },
  { name: 'NAT64', client: 6, backend: '10.1.1.1', mtus: [1400, 1290] },
  { name: 'IPv4 clients, IPv6 backend', client: 4, backend: 'fd00:1::1:1', mtus: [1372, 1262] },
  { name: 'IPv4 into a VLAN', client: 4, backend: '10.7.0.1', mtus: [1392, 1282] },
] as const;

/** Errors that mean the same in both versions (RFC 7915, 4.2 and 5.2). */
const SAME: readonly { readonly 4: Error; readonly 6: Error }[] = [
  { 4: { ...ICMP[4].unreachablePort, rest: 0 }, 6: { ...ICMP[6].unreachablePort, rest: 0 } },
  { 4: { type: 3, code: 10, rest: 0 }, 6: { ...ICMP[6].prohibited, rest: 0 } },
  { 4: { ...ICMP[4].timeExceeded, rest: 0 }, 6: { ...ICMP[6].timeExceeded, rest: 0 } },
];

const ROUTER = { 4: '10.99.0.1', 6: 'fd00:99::1' } as const;

const versionOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

function tcpFrame(bytes: Uint8Array): TcpFrame {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  return frame;
}

/** A segment of the client's, and what went to the backend. */
function sendUp(dialogue: Dialogue, length = 700): { original: TcpFrame; sent: TcpFrame } {
  const part = { payload: Buffer.alloc(length, 'x') };
  const original = dialogue.clientFrame(part);
  return { original, sent: tcpFrame(dialogue.fromClient(part).bytes) };
}

/** A segment of the backend's, and what went to the client. */
function sendDown(dialogue: Dialogue, length = 700): { original: TcpFrame; sent: TcpFrame } {
  const part = { payload: Buffer.alloc(length, 'y') };
  const original = dialogue.backendFrame(part);
  return { original, sent: tcpFrame(dialogue.fromBackend(part).bytes) };
}

/** What the sender of a segment is told of an error: it is about its own segment, but for the TTL spent. */
function told({ original, sent }: { original: TcpFrame; sent: TcpFrame }, dialogue: Dialogue, icmp: Error) {
  const { ip, tcp } = original;
  const isClient = tcp.sport === dialogue.client.port && ip.src === dialogue.client.address;
  const { toClient, toBackend } = dialogue.translation;
  return errorTo(
    {
      from: { address: ip.src, port: tcp.sport },
      to: { address: ip.dst, port: tcp.dport },
      seq: tcp.seq,
      length: buildPacket(original).length,
      ttl: sent.ip.ttl,
      id: versionOf(ip.src) === 4 ? sent.ip.id : 0,
    },
    isClient ? toClient : toBackend,
    icmp,
  );
}

const fate = ({ verdict, counted }: Outcome): unknown => [verdict, counted];

for (const { name, client, backend, mtus } of PATHS) {
  const backendVersion = versionOf(backend);
  const start = (): Dialogue => talk(bed, { backends: [{ address: backend, port: 80 }] }, client).exchange();

  for (const error of SAME)
    test(`${name}: the client hears of ${error[backendVersion].type}/${error[backendVersion].code}`, () => {
      const dialogue = start();
      for (const quote of [Number.POSITIVE_INFINITY, (backendVersion === 4 ? 20 : 40) + 8]) {
        const segment = sendUp(dialogue);
        const arrives = errorAbout(segment.sent, ROUTER[backendVersion], error[backendVersion], quote);
        const outcome = bed.send(arrives, 'backends');
        assert.deepEqual(fate(outcome), ['redirect', { icmpToClient: 1 }]);
        assertFrame(outcome.bytes, told(segment, dialogue, error[client]));
      }
    });

  for (const error of SAME)
    test(`${name}: the backend hears of ${error[client].type}/${error[client].code}`, () => {
      const dialogue = start();
      const segment = sendDown(dialogue);
      const arrives = errorAbout(segment.sent, ROUTER[client], error[client]);
      const outcome = bed.send(arrives, 'clients');
      assert.deepEqual(fate(outcome), ['redirect', { icmpToBackend: 1 }]);
      assertFrame(outcome.bytes, told(segment, dialogue, error[backendVersion]));
    });

  test(`${name}: the client’s path MTU is the backend’s path’s, with room for what is added`, () => {
    const dialogue = start();
    for (const [at, mtu] of [1400, 1290].entries()) {
      const segment = sendUp(dialogue, 1400);
      const tooBig = { ...ICMP[backendVersion].tooBig, rest: mtu };
      const outcome = bed.send(errorAbout(segment.sent, ROUTER[backendVersion], tooBig), 'backends');
      assert.deepEqual(fate(outcome), ['redirect', { icmpToClient: 1 }]);
      assertFrame(outcome.bytes, told(segment, dialogue, { ...ICMP[client].tooBig, rest: mtus[at]! }));
    }
  });

  test(`${name}: the backend’s path MTU is the client’s path’s`, () => {
    const dialogue = start();
    const segment = sendDown(dialogue, 1400);
    const tooBig = { ...ICMP[client].tooBig, rest: 1400 };
    const outcome = bed.send(errorAbout(segment.sent, ROUTER[client], tooBig), 'clients');
    const growth = (client === 4 ? 20 : 0) - (backendVersion === 4 ? 20 : 0);
    assertFrame(
      outcome.bytes,
      told(segment, dialogue, { ...ICMP[backendVersion].tooBig, rest: 1400 + growth }),
    );
  });
}

test('NAT64: every code has its counterpart', () => {
  const dialogue = talk(bed, { backends: [{ address: '10.1.1.1', port: 80 }] }, 6).exchange();
  const up = sendUp(dialogue);
  const toIpv6 = { 0: 0, 1: 0, 3: 4, 5: 0, 6: 0, 7: 0, 8: 0, 9: 1, 10: 1, 11: 0, 12: 0, 13: 1, 15: 1 };
  for (const [code, expected] of Object.entries(toIpv6)) {
    const outcome = bed.send(
      errorAbout(up.sent, ROUTER[4], { type: 3, code: Number(code), rest: 0 }),
      'backends',
    );
    assertFrame(outcome.bytes, told(up, dialogue, { type: 1, code: expected, rest: 0 }), `code ${code}`);
  }
  const down = sendDown(dialogue);
  for (const [code, expected] of Object.entries({ 0: 1, 1: 10, 2: 1, 3: 1, 4: 3 })) {
    const outcome = bed.send(
      errorAbout(down.sent, ROUTER[6], { type: 1, code: Number(code), rest: 0 }),
      'clients',
    );
    assertFrame(outcome.bytes, told(down, dialogue, { type: 3, code: expected, rest: 0 }), `code ${code}`);
  }
});

test('a parameter problem is told in the version it came in, and in no other', () => {
  const same = talk(bed).exchange();
  const told4 = bed.send(
    errorAbout(sendUp(same).sent, ROUTER[4], { ...ICMP[4].badParameter, rest: 0 }),
    'backends',
  );
  assert.deepEqual(fate(told4), ['redirect', { icmpToClient: 1 }]);
  const other = talk(bed, { backends: [{ address: '10.1.1.1', port: 80 }] }, 6).exchange();
  const up = errorAbout(sendUp(other).sent, ROUTER[4], { ...ICMP[4].badParameter, rest: 0 });
  assert.deepEqual(fate(bed.send(up, 'backends')), ['pass', { icmpPassed: 1 }]);
  const down = errorAbout(sendDown(other).sent, ROUTER[6], { ...ICMP[6].badParameter, rest: 0 });
  assert.deepEqual(fate(bed.send(down, 'clients')), ['pass', { icmpPassed: 1 }]);
});

test('an error about a segment with TOA is about the client’s segment', () => {
  const dialogue = talk(bed).handshake();
  const segment = sendUp(dialogue, 100);
  const error = { ...ICMP[4].unreachablePort, rest: 0 };
  const outcome = bed.send(errorAbout(segment.sent, ROUTER[4], error), 'backends');
  const parsed = parseFrame(outcome.bytes);
  assert.ok(parsed !== undefined && 'icmp' in parsed);
  const quoted = new DataView(parsed.icmp.payload.buffer, parsed.icmp.payload.byteOffset);
  assert.deepEqual(
    [quoted.getUint16(20), quoted.getUint16(22), quoted.getUint32(24)],
    [dialogue.client.port, dialogue.translation.listen.port, segment.original.tcp.seq],
  );
});

test('an error through a VLAN is told in the VLAN of the other side', () => {
  const dialogue = talk(bed, { backends: [{ address: '10.7.0.1', port: 80 }] }).exchange();
  const segment = sendUp(dialogue);
  assert.equal(segment.sent.ethernet.vlan, 7);
  const outcome = bed.send(
    errorAbout(segment.sent, ROUTER[4], { ...ICMP[4].unreachablePort, rest: 0 }),
    'backends',
  );
  assert.equal(parseFrame(outcome.bytes)!.ethernet.vlan, undefined);
});

test('errors about none of our connections are the host’s, and counted where they are addressed to us', () => {
  const dialogue = talk(bed).exchange();
  const { sent } = sendUp(dialogue);
  const error = { ...ICMP[4].unreachablePort, rest: 0 };
  const other = { ...sent, tcp: { ...sent.tcp, sport: 1023 } };
  assert.deepEqual(fate(bed.send(errorAbout(other, ROUTER[4], error), 'backends')), [
    'pass',
    { icmpPassed: 1 },
  ]);
  const foreign = { ...other, ip: { ...other.ip, src: '192.0.2.1' } };
  assert.deepEqual(fate(bed.send(errorAbout(foreign, ROUTER[4], error), 'backends')), ['pass', {}]);
});

test('errors that quote too little, and messages that are no errors, are the host’s', () => {
  const dialogue = talk(bed).exchange();
  const { sent } = sendUp(dialogue);
  const error = { ...ICMP[4].unreachablePort, rest: 0 };
  for (let quote = 0; quote < 28; quote++) {
    const outcome = bed.send(errorAbout(sent, ROUTER[4], error, quote), 'backends');
    assert.equal(outcome.verdict, 'pass', `${quote} bytes`);
  }
  for (const type of [0, 4, 5, 8, 9, 13, 17]) {
    const { verdict } = bed.send(errorAbout(sent, ROUTER[4], { type, code: 0, rest: 0 }), 'backends');
    assert.equal(verdict, 'pass', `type ${type}`);
  }
});

const NARROW = { 4: '10.3.0.1', 6: 'fd00:3::1' } as const;

for (const { name, client, backend, limit } of [
  { name: 'IPv4', client: 4, backend: NARROW[4], limit: 1400 },
  { name: 'IPv6', client: 6, backend: NARROW[6], limit: 1400 },
  { name: 'NAT64', client: 6, backend: NARROW[4], limit: 1420 },
] as const)
  test(`a segment that outgrows the way to the backend is answered with what fits: ${name}`, () => {
    const dialogue = talk(bed, { backends: [{ address: backend, port: 80 }] }, client).exchange();
    const header = (client === 4 ? 20 : 40) + 20;
    assert.equal(dialogue.fromClient({ payload: Buffer.alloc(limit - header) }).counted.toBackend, 1);
    const part = { payload: Buffer.alloc(limit - header + 1) };
    const original = dialogue.clientFrame(part);
    const outcome = dialogue.fromClient(part);
    assert.deepEqual(fate(outcome), ['tx', { tooBig: 1 }]);
    assertFrame(
      outcome.bytes,
      errorTo(
        {
          from: dialogue.client,
          to: dialogue.translation.listen,
          seq: original.tcp.seq,
          length: limit + 1,
          ttl: original.ip.ttl,
          id: client === 4 ? original.ip.id : 0,
        },
        { source: MAC.clients, destination: MAC.clientRouter },
        { ...ICMP[client].tooBig, rest: limit },
      ),
    );
  });

test('NAT64: a backend’s segment that outgrows the way to the client is answered with what fits', () => {
  const dialogue = talk(bed, { backends: [{ address: '10.1.1.1', port: 80 }] }, 6).exchange();
  assert.equal(dialogue.fromBackend({ payload: Buffer.alloc(1440) }).counted.toClient, 1);
  const part = { payload: Buffer.alloc(1441) };
  const original = dialogue.backendFrame(part);
  const outcome = dialogue.fromBackend(part);
  assert.deepEqual(fate(outcome), ['tx', { tooBig: 1 }]);
  const { backend, local, toBackend } = dialogue.translation;
  assertFrame(
    outcome.bytes,
    errorTo(
      {
        from: backend,
        to: local,
        seq: original.tcp.seq,
        length: 1481,
        ttl: original.ip.ttl,
        id: original.ip.id,
      },
      toBackend,
      { ...ICMP[4].tooBig, rest: 1480 },
    ),
  );
});
