import assert from 'node:assert/strict';
import { DO_NOT_FRAGMENT, type IpHeader, PROTOCOL } from '../src/lab/ip-packet.js';
import { FLAG } from '../src/lab/tcp.js';
import { toHex } from '../src/wire/hex.js';
import { PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { MAC, useNetwork } from './support/forwarder/network.js';
import { frameBetween, newClient, type Part } from './support/forwarder/segments.js';
import { before, test } from './support/forwarder/test.js';
import { hex } from './support/options.js';
import { buildFrame, type Frame } from './support/packets/frame.js';
import { ICMP } from './support/packets/icmp.js';

useNetwork();

const SERVICE = { 4: '198.51.100.10', 6: '2001:db8:5::10' } as const;
const LOCAL = { 4: '10.1.0.10', 6: 'fd00:1::10' } as const;
const HOST = { 4: '192.0.2.1', 6: '2001:db8:a::1' } as const;
const CLIENT = { 4: '203.0.113.7', 6: '2001:db8:c::7' } as const;

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
  talk(bed).exchange();
  talk(bed, {}, 6).exchange();
});

/** The host gets the frame as it came, and nobody counts it. */
function assertUntouched(frame: Frame | Uint8Array, what: string, counted = {}): void {
  const bytes = frame instanceof Uint8Array ? frame : buildFrame(frame);
  const outcome = bed.send(bytes, 'clients');
  assert.deepEqual([outcome.verdict, outcome.counted], ['pass', counted], what);
  assert.equal(toHex(outcome.bytes), toHex(bytes), what);
}

function segment(family: 4 | 6, to: string, port: number, part: Part = {}): Frame {
  return frameBetween(newClient(CLIENT[family]), { address: to, port }, part, MAC.clientRouter, MAC.clients);
}

/** A packet of any protocol to one of our addresses. */
function packet(
  family: 4 | 6,
  to: string,
  protocol: number,
  raw: Uint8Array,
  ip: Partial<IpHeader> = {},
): Frame {
  return {
    ethernet: { source: MAC.clientRouter, destination: MAC.clients },
    ip: {
      src: CLIENT[family],
      dst: to,
      protocol,
      ttl: 61,
      tos: 0,
      id: 0,
      fragment: family === 4 ? DO_NOT_FRAGMENT : 0,
      options: new Uint8Array(),
      flowLabel: 0,
      ...ip,
    },
    raw,
  };
}

for (const family of [4, 6] as const) {
  const addresses = {
    'the host': HOST[family],
    'a service': SERVICE[family],
    'a local address': LOCAL[family],
  };

  test(`TCP over IPv${family} to other ports and addresses is the host’s`, () => {
    for (const [name, address] of Object.entries(addresses))
      for (const flags of [FLAG.SYN, FLAG.ACK, FLAG.RST, FLAG.SYN | FLAG.ACK])
        assertUntouched(segment(family, address, 22, { flags }), `${name}, port 22`);
    assertUntouched(segment(family, HOST[family], 443, { flags: FLAG.SYN, vlan: 5 }), 'in a VLAN');
  });

  test(`other protocols over IPv${family} are the host’s, to whatever address`, () => {
    const udp = hex('d431 0035 000c 0000 01020304');
    const echo = { ...ICMP[family].echo, rest: 0x00010001, payload: new Uint8Array(56) };
    for (const [name, address] of Object.entries(addresses)) {
      for (const protocol of [PROTOCOL.UDP, 47, 50, 89, 132])
        assertUntouched(packet(family, address, protocol, udp), `${name}, protocol ${protocol}`);
      const { raw, ...ping } = packet(
        family,
        address,
        family === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6,
        new Uint8Array(),
      ) as Frame & { raw: Uint8Array };
      assertUntouched({ ...ping, icmp: echo }, `${name}, a ping`);
    }
  });
}

test('fragments that are not TCP’s are the host’s, to whatever address', () => {
  for (const address of [HOST[4], SERVICE[4], LOCAL[4]])
    for (const protocol of [PROTOCOL.UDP, PROTOCOL.ICMP])
      for (const fragment of [0x2000, 0x20b9, 0x00b9])
        assertUntouched(
          packet(4, address, protocol, new Uint8Array(64), { fragment }),
          `protocol ${protocol} to ${address}, fragment ${fragment}`,
        );
  for (const address of [HOST[6], SERVICE[6], LOCAL[6]])
    for (const protocol of [PROTOCOL.UDP, PROTOCOL.ICMPV6])
      for (const offset of [1, 9])
        assertUntouched(
          packet(6, address, 44, Uint8Array.of(protocol, 0, 0, offset, 0, 0, 0, 9, ...new Uint8Array(64))),
          `protocol ${protocol} to ${address}, fragment ${offset}`,
        );
});

test('what is not TCP behind extension headers is the host’s, to whatever address', () => {
  for (const address of [HOST[6], SERVICE[6], LOCAL[6]])
    for (const extension of [0, 43, 60])
      for (const protocol of [PROTOCOL.UDP, PROTOCOL.ICMPV6, 59])
        assertUntouched(
          packet(6, address, extension, Uint8Array.of(protocol, 0, 1, 4, 0, 0, 0, 0, ...new Uint8Array(16))),
          `protocol ${protocol} behind ${extension} to ${address}`,
        );
});

test('frames that are not IP are the host’s', () => {
  const macs = '020000000101 0200000001fe';
  const arp = hex(`${macs} 0806 0001080006040001 0200000001fe c00002fe 000000000000 c6336463`);
  assertUntouched(arp, 'ARP');
  assertUntouched(hex(`${macs} 88cc 0207 0400 0000`), 'LLDP');
  assertUntouched(hex(`${macs} 8100 0005 0806 0001080006040001`), 'ARP in a VLAN');
  assertUntouched(hex(`${macs} 88a8 0005 8100 0006 0800 45000028`), 'two VLAN tags');
  assertUntouched(hex(`${macs} 0026 424203 00000000`), 'spanning tree');
  assertUntouched(hex(`${macs} 0800`), 'nothing behind the header');
});

for (const family of [4, 6] as const) {
  const to = (destination: string, flags: number): Frame => {
    const { listen } = talk(bed, {}, family).exchange().translation;
    const frame = segment(family, listen.address, listen.port, { flags });
    return { ...frame, ethernet: { ...frame.ethernet, destination } };
  };

  test(`what a switch sent everywhere is the host’s, even with a service’s address: IPv${family}`, () => {
    const assertNotAnswered = (destination: string, counted: object): void => {
      for (const flags of [FLAG.SYN, FLAG.ACK, FLAG.ACK | FLAG.FIN])
        assertUntouched(to(destination, flags), `flags ${flags} to ${destination}`, counted);
    };
    for (const another of ['02:00:00:00:01:02', '00:00:5f:00:01:05', '00:00:5e:00:03:05'])
      assertNotAnswered(another, { misaddressed: 1 });
    for (const everybody of ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01']) assertNotAnswered(everybody, {});
  });

  test(`a virtual router’s MAC address is the forwarder’s, too: IPv${family}`, () => {
    for (const destination of ['00:00:5e:00:01:05', '00:00:5e:00:02:05']) {
      assert.equal(bed.send(buildFrame(to(destination, FLAG.SYN)), 'clients').verdict, 'redirect');
      assert.equal(bed.send(buildFrame(to(destination, FLAG.ACK)), 'clients').verdict, 'tx');
    }
  });
}

test('IPv4 in IPv6’s clothes is nobody’s connection', () => {
  const dialogue = talk(bed).exchange();
  const { port } = dialogue.client;
  const listen = dialogue.translation.listen;
  const frame = frameBetween(
    { address: `::ffff:${dialogue.client.address}`, port },
    { address: `::ffff:${listen.address}`, port: listen.port },
    {},
    MAC.clientRouter,
    MAC.clients,
  );
  assertUntouched(frame, 'mapped addresses on the wire');
});

test('a backend’s segments of no connection are the host’s to answer', () => {
  const frame = frameBetween(
    { address: '10.1.1.1', port: 80 },
    { address: LOCAL[4], port: 50_000 },
    { payload: Buffer.from('late') },
    MAC.backends,
    MAC.backends,
  );
  assertUntouched(frame, 'to a local address');
});
