import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildSegment, checksumsAreRight, FLAG, parseSegment, type Segment } from './segments.js';

const example: Segment = {
  src: '10.9.0.2',
  dst: '10.9.0.1',
  sport: 4242,
  dport: 80,
  seq: 0xfffffffe,
  ack: 7,
  flags: FLAG.PSH | FLAG.ACK,
  window: 512,
  options: Uint8Array.of(200, 8, 0x10, 0x92, 203, 0, 113, 7),
  payload: Buffer.from('hi\n'),
};

const addresses = fc.oneof(
  fc.tuple(fc.ipV4(), fc.ipV4()),
  fc
    .tuple(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }))
    .map(([a, b]) => [`2001:db8::${a.toString(16)}`, `fd00::1:${b.toString(16)}`]),
);

const segments: fc.Arbitrary<Segment> = fc
  .record({
    addresses,
    sport: fc.nat(0xffff),
    dport: fc.nat(0xffff),
    seq: fc.nat(0xffffffff),
    ack: fc.nat(0xffffffff),
    flags: fc.nat(0xff),
    window: fc.nat(0xffff),
    options: fc
      .uint8Array({ maxLength: 10 })
      .map((words) => new Uint8Array(words.length * 4).fill(words[0] ?? 0)),
    payload: fc.uint8Array({ maxLength: 100 }),
  })
  .map(({ addresses: [src, dst], ...rest }) => ({ src: src!, dst: dst!, ...rest }));

/** The bytes of the example, checksums computed independently (RFC 1071 by hand). */
test('a segment has the bytes of RFC 791 and RFC 9293', () => {
  const packet = Buffer.from(buildSegment(example));
  assert.equal(packet.subarray(0, 10).toString('hex'), '45000033000040004006');
  assert.equal(packet.subarray(12, 20).toString('hex'), '0a0900020a090001');
  assert.equal(packet.subarray(20, 36).toString('hex'), '10920050fffffffe0000000770180200');
  assert.equal(packet.subarray(40).toString('hex'), 'c8081092cb0071076869' + '0a');
});

test('what was built is parsed back, and its checksums are right', () => {
  fc.assert(
    fc.property(segments, (segment) => {
      const packet = buildSegment(segment);
      assert.deepEqual(parseSegment(packet), segment);
      assert.ok(checksumsAreRight(packet));
    }),
  );
});

test('a changed byte makes the checksums wrong', () => {
  fc.assert(
    fc.property(segments, fc.nat(), fc.integer({ min: 1, max: 0xff }), (segment, position, change) => {
      const packet = buildSegment(segment);
      const ipLength = packet[0]! >> 4 === 4 ? 20 : 40;
      const at = ipLength + (position % (packet.length - ipLength));
      packet[at] = packet[at]! ^ change;
      assert.ok(!checksumsAreRight(packet));
    }),
  );
});

test('options are filled up with EOL, never cut', () => {
  const parsed = parseSegment(buildSegment({ ...example, options: Uint8Array.of(254, 9, 1, 2, 3) }));
  assert.deepEqual([...parsed!.options], [254, 9, 1, 2, 3, 0, 0, 0]);
  assert.equal(
    parseSegment(buildSegment({ ...example, options: new Uint8Array(40).fill(1) }))?.options.length,
    40,
  );
  assert.throws(() => buildSegment({ ...example, options: new Uint8Array(41) }), /41 bytes of TCP options/);
});

test('what is no whole TCP segment is no segment', () => {
  const packet = buildSegment(example);
  const changed = (at: number, value: number): Uint8Array => packet.with(at, value);
  assert.equal(parseSegment(changed(9, 17)), undefined, 'UDP');
  assert.equal(parseSegment(changed(6, 0x20)), undefined, 'first fragment');
  assert.equal(parseSegment(changed(7, 1)), undefined, 'later fragment');
  assert.equal(parseSegment(changed(32, 0x40)), undefined, 'data offset below 5');
  assert.equal(parseSegment(changed(32, 0xf0)), undefined, 'data offset past the end');
  assert.equal(parseSegment(changed(0, 0x5f)), undefined, 'version 5');
  for (let length = 0; length < packet.length; length++) {
    assert.equal(parseSegment(packet.subarray(0, length)), undefined, `cut to ${length} bytes`);
  }
});

test('one segment cannot mix address families', () => {
  assert.throws(() => buildSegment({ ...example, dst: 'fd00::1' }), /10\.9\.0\.2 -> fd00::1/);
});
