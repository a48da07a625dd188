import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerChecksumIsRight, PROTOCOL } from '../../../src/lab/ip-packet.js';
import { toHex } from '../../../src/wire/hex.js';
import { hex } from '../options.js';
import { assertFrame } from './assert-frame.js';
import { buildFrame, buildPacket, type Frame, parseFrame } from './frame.js';
import { ICMP } from './icmp.js';
import * as o from './options.js';
import { showFrame } from './show.js';

/** A SYN through a VLAN. */
const SYN: Frame = {
  ethernet: { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02', vlan: 0x6005 },
  ip: {
    src: '10.9.0.2',
    dst: '10.9.0.1',
    protocol: PROTOCOL.TCP,
    ttl: 64,
    tos: 0x10,
    id: 0x1234,
    fragment: 0x4000,
    options: new Uint8Array(),
    flowLabel: 0,
  },
  tcp: {
    sport: 4242,
    dport: 80,
    seq: 0xfffffffe,
    ack: 0,
    flags: 2,
    window: 64240,
    options: o.options(o.mss(1460), o.SACK_PERMITTED, o.timestamps(1, 0), o.NOP, o.windowScale(7)),
    payload: new Uint8Array(),
  },
};

test('a frame has the bytes of IEEE 802.1Q, RFC 791 and RFC 9293', () => {
  const bytes = buildFrame(SYN);
  const withoutChecksums = Buffer.from(bytes).fill(0, 28, 30).fill(0, 54, 56);
  assert.equal(
    toHex(withoutChecksums),
    toHex(
      hex(
        '020000000002 020000000001 8100 6005 0800' +
          '4510003c 12344000 40060000 0a090002 0a090001' +
          '10920050 fffffffe 00000000 a002faf0 00000000' +
          '020405b4 0402080a 00000001 00000000 01030307',
      ),
    ),
  );
});

test('ICMPv6 sums its addresses up, ICMP does not', () => {
  // Both computed by hand (RFC 1071).
  const message = { ...ICMP[4].echo, rest: 0x00010002, payload: Uint8Array.of(0x61) };
  const v4 = buildPacket({
    ethernet: SYN.ethernet,
    ip: { ...SYN.ip, protocol: PROTOCOL.ICMP },
    icmp: message,
  });
  assert.equal(toHex(v4.subarray(20)), toHex(hex('0800 96fc 0001 0002 61')));
  const v6 = buildPacket({
    ethernet: SYN.ethernet,
    ip: { ...SYN.ip, src: 'fd00::1', dst: 'fd00::2', protocol: PROTOCOL.ICMPV6, id: 0, fragment: 0 },
    icmp: { ...message, ...ICMP[6].echo },
  });
  assert.equal(toHex(v6.subarray(40)), toHex(hex('8000 24b4 0001 0002 61')));
});

const byteString = (maxLength: number) => fc.uint8Array({ maxLength });
const words = (maxLength: number) =>
  byteString(maxLength).map((bytes) => bytes.subarray(0, bytes.length & ~3).slice());
const mac = fc
  .array(fc.nat(255), { minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'));

const tcp = fc.record({
  sport: fc.nat(0xffff),
  dport: fc.nat(0xffff),
  seq: fc.nat(0xffffffff),
  ack: fc.nat(0xffffffff),
  flags: fc.nat(0xfff),
  window: fc.nat(0xffff),
  urgent: fc.integer({ min: 1, max: 0xffff }),
  options: words(40),
  payload: byteString(100),
});
const icmp = fc.record({
  type: fc.nat(255),
  code: fc.nat(255),
  rest: fc.nat(0xffffffff),
  payload: byteString(100),
});
const shared = { ttl: fc.nat(255), tos: fc.nat(255) };
const ipv4 = fc.record({
  ...shared,
  src: fc.ipV4(),
  dst: fc.ipV4(),
  id: fc.nat(0xffff),
  flowLabel: fc.constant(0),
  fragment: fc.constantFrom(0, 0x4000),
  options: words(40),
});
const address6 = fc.nat(0xfffe).map((number) => `2001:db8::${(number + 1).toString(16)}`);
const ipv6 = fc.record({
  ...shared,
  src: address6,
  dst: address6,
  id: fc.constant(0),
  flowLabel: fc.nat(0xfffff),
  fragment: fc.constant(0),
  options: fc.constant(new Uint8Array()),
});
const frames: fc.Arbitrary<Frame> = fc
  .record({
    ethernet: fc.record({ source: mac, destination: mac }),
    vlan: fc.option(fc.nat(0xffff), { nil: undefined }),
    ip: fc.oneof(ipv4, ipv6),
    body: fc.oneof(
      tcp.map((tcp) => ({ protocol: PROTOCOL.TCP, body: { tcp: { ...tcp } } })),
      icmp.map((icmp) => ({ protocol: PROTOCOL.ICMPV6, body: { icmp: { ...icmp } } })),
      byteString(50).map((raw) => ({ protocol: PROTOCOL.UDP, body: { raw } })),
    ),
    padding: fc.option(fc.uint8Array({ minLength: 1, maxLength: 9 }), { nil: undefined }),
  })
  .map(({ ethernet, vlan, ip, body: { protocol, body }, padding }) => ({
    ethernet: { ...ethernet, ...(vlan !== undefined && { vlan }) },
    ip: { ...ip, protocol },
    ...body,
    ...(padding && { padding }),
  }));

test('what was built is parsed back, and its checksums are right', () => {
  fc.assert(
    fc.property(frames, (frame) => {
      const bytes = buildFrame(frame);
      assert.deepEqual(parseFrame(bytes), frame);
      assert.doesNotMatch(showFrame(bytes).join('\n'), /WRONG/);
      assert.ok(headerChecksumIsRight(buildPacket(frame)));
    }),
  );
});

test('frames that differ are shown in words', () => {
  const changed = { ...SYN, tcp: { ...SYN.tcp, seq: 7 } };
  assertFrame(buildFrame(SYN), SYN);
  assert.throws(() => assertFrame(buildFrame(changed), SYN), /seq 7[\s\S]*seq 4294967294/);
  const wrong = buildFrame(SYN);
  wrong[54]! ^= 1;
  assert.throws(() => assertFrame(wrong, SYN), /checksum WRONG/);
});
