import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex } from '../src/wire/hex.js';
import { type Outcome, PacketBed } from './support/forwarder/bed.js';
import { talk } from './support/forwarder/dialogue.js';
import { type Port, useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';
import { buildFrame, parseFrame, type TcpFrame } from './support/packets/frame.js';
import { NOP, options, timestamps } from './support/packets/options.js';

useNetwork();

/** A frame that would be forwarded, and the interface it comes in by. */
interface Sample {
  readonly frame: TcpFrame;
  readonly port: Port;
}

let bed: PacketBed;
const samples: Record<string, Sample> = {};
before(() => {
  bed = new PacketBed();
  const list = options(NOP, NOP, timestamps(1, 2));
  for (const family of [4, 6] as const) {
    const dialogue = talk(bed, {}, family).exchange();
    const data = { payload: Buffer.from('payload'), options: list };
    samples[`a client's segment, IPv${family}`] = { frame: dialogue.clientFrame(data), port: 'clients' };
    samples[`a backend's segment, IPv${family}`] = { frame: dialogue.backendFrame(data), port: 'backends' };
    const fresh = talk(bed, {}, family).handshake();
    samples[`a segment to be tagged, IPv${family}`] = { frame: fresh.clientFrame(data), port: 'clients' };
    samples[`a segment through a VLAN, IPv${family}`] = {
      frame: fresh.clientFrame({ ...data, vlan: 5 }),
      port: 'clients',
    };
  }
});

/** Dropped and counted, or left to the host as it came. */
function assertNotForwarded({ verdict, bytes, counted }: Outcome, sent: Uint8Array, what: string): void {
  if (verdict === 'pass') {
    assert.equal(toHex(bytes), toHex(sent), what);
    return;
  }
  assert.equal(verdict, 'drop', `${what}: ${JSON.stringify(counted)}`);
}

const NAMES = [4, 6].flatMap((family) =>
  ["a client's segment", "a backend's segment", 'a segment to be tagged', 'a segment through a VLAN'].map(
    (name) => `${name}, IPv${family}`,
  ),
);

for (const name of NAMES)
  test(`${name}, cut off at every byte, is never forwarded`, () => {
    const { frame, port } = samples[name]!;
    const whole = buildFrame(frame);
    const { verdict } = bed.send(whole, port);
    assert.equal(verdict, 'redirect', 'whole it is');
    for (let length = 14; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      assertNotForwarded(bed.send(cut, port), cut, `${length} of ${whole.length} bytes`);
    }
  });

/** Offsets within the IP packet, by version. */
const FIELDS = {
  4: { length: 2, tcp: 20, header: 20 },
  6: { length: 4, tcp: 40, header: 0 },
} as const;

for (const name of NAMES.filter((name) => !name.includes('VLAN')))
  test(`${name}, with a length that lies, is never forwarded`, () => {
    const { frame, port } = samples[name]!;
    const family = name.endsWith('4') ? 4 : 6;
    const { length: lengthAt, tcp, header } = FIELDS[family];
    const whole = buildFrame(frame);
    const real = (whole[14 + lengthAt]! << 8) | whole[14 + lengthAt + 1]!;
    const lie = (at: number, value: number): Uint8Array => whole.with(at, value);
    for (const length of [0, 1, header, header + 19, header + 31, real + 1, real + 256, 0xffff]) {
      const bytes = lie(14 + lengthAt, length >> 8).with(14 + lengthAt + 1, length & 0xff);
      const outcome = bed.send(bytes, port);
      assert.deepEqual(
        [outcome.verdict, outcome.counted],
        ['drop', { dropMalformed: 1 }],
        `IP length ${length}`,
      );
    }
    for (let offset = 0; offset < 16; offset++) {
      const bytes = lie(14 + tcp + 12, offset << 4);
      const right = offset >= 5 && offset * 4 <= real + 20 - header - 20;
      if (right && offset <= 9) continue;
      const outcome = bed.send(bytes, port);
      assert.deepEqual(
        [outcome.verdict, outcome.counted],
        ['drop', { dropMalformed: 1 }],
        `offset ${offset}`,
      );
    }
    if (family === 4)
      for (let ihl = 0; ihl < 16; ihl++) {
        if (ihl === 5) continue;
        const bytes = lie(14, 0x40 | ihl);
        assert.equal(bed.send(bytes, port).verdict, 'drop', `header length ${ihl}`);
      }
    for (const version of [0, 5, 15, 10 - family]) {
      const bytes = lie(14, (version << 4) | (whole[14]! & 15));
      assertNotForwarded(bed.send(bytes, port), bytes, `version ${version}`);
    }
  });

test('a segment whose checksum is wrong stays wrong by as much: the one it is meant for drops it', () => {
  for (const { frame, port } of Object.values(samples)) {
    const whole = buildFrame(frame);
    const ipAt = frame.ethernet.vlan === undefined ? 14 : 18;
    const checksumAt = ipAt + (frame.ip.src.includes(':') ? 40 : 20) + 16;
    for (const flip of [1, 0x80, 0xff]) {
      const outcome = bed.send(whole.with(checksumAt, whole[checksumAt]! ^ flip), port);
      assert.equal(outcome.verdict, 'redirect');
      const parsed = parseFrame(outcome.bytes);
      assert.ok(parsed !== undefined && 'tcp' in parsed);
      const right = buildFrame(parsed);
      assert.notEqual(toHex(right), toHex(outcome.bytes));
    }
  }
});

test('any byte may be anything: each frame is accounted for, and what leaves has right lengths', () => {
  const change = fc.tuple(fc.nat(95), fc.nat(255));
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (name, changes) => {
        const { frame, port } = samples[name]!;
        const bytes = buildFrame(frame);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const outcome = bed.send(bytes, port);
        if (outcome.verdict === 'pass') assert.equal(toHex(outcome.bytes), toHex(bytes));
        else if (outcome.verdict !== 'drop') assert.ok(parseFrame(outcome.bytes) !== undefined);
      },
    ),
    { numRuns: 3000, includeErrorInReport: true },
  );
});
