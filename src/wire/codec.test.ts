import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressError } from './address.js';
import * as arbitrary from './arbitraries.test.helper.js';
import { decodeOption, encodeOption, OptionError, type ToaOption } from './codec.js';
import { ALL_FORMATS, FORMATS, Format } from './formats.js';
import { toHex } from './hex.js';

const client = { address: '203.0.113.7', port: 4242 };
const client6 = { address: '2001:db8::7', port: 4242 };
const vip = { address: '198.51.100.1', port: 443 };

/** Each layout, byte for byte. */
const examples: [ToaOption, string][] = [
  [{ kind: 200, format: Format.IPV4, client }, 'c808 1092 cb007107'],
  [{ kind: 254, format: Format.IPV6, client: client6 }, 'fe14 1092 20010db8000000000000000000000007'],
  [{ kind: 254, format: Format.IPV4_VIP, client, vip }, 'fe10 1092 cb007107 0000 01bb c6336401'],
  [
    { kind: 252, format: Format.VTOA4, client, vip, vid: 0x01020304 },
    'fc14 1092 cb007107 04030201 c6336401 01bb 0000',
  ],
  [
    { kind: 249, format: Format.VTOA6, client: client6, vip: { address: '2001:db8::443' }, vid: 0x010203 },
    'f928 1092 20010db8000000000000000000000007 030201 00 20010db8000000000000000000000443',
  ],
  [{ kind: 28, format: Format.ADDRESS4, client: { address: '203.0.113.7' } }, '1c07 01 cb007107'],
  [
    { kind: 28, format: Format.ADDRESS6, client: { address: '2001:db8::7' } },
    '1c13 01 20010db8000000000000000000000007',
  ],
  [{ kind: 250, format: Format.VIP, vip }, 'fa08 01bb c6336401'],
  [{ kind: 201, format: Format.VPC, vpc: 0xfffefdfc }, 'c906 fffefdfc'],
];

test('every format has an example', () => {
  assert.deepEqual(
    examples.map(([option]) => option.format).sort((a, b) => a - b),
    ALL_FORMATS,
  );
});

for (const [option, hex] of examples) {
  test(`${FORMATS[option.format].name}, byte for byte`, () => {
    const bytes = encodeOption(option);
    assert.equal(toHex(bytes), hex.replaceAll(' ', ''));
    assert.deepEqual(decodeOption(bytes, option.format), option);
  });
}

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(arbitrary.option, (option) => {
      const bytes = encodeOption(option);
      assert.equal(bytes.length, FORMATS[option.format].length);
      assert.deepEqual(decodeOption(bytes, option.format), option);
    }),
    { numRuns: 2000 },
  );
});

test('what follows the option is not read', () => {
  const bytes = Uint8Array.from(Buffer.from('c8081092cb007107c8080000ffffffff', 'hex'));
  assert.deepEqual(decodeOption(bytes, Format.IPV4), { kind: 200, format: Format.IPV4, client });
});

test('a view into a larger buffer is decoded at its own offset', () => {
  const bytes = Uint8Array.from(Buffer.from('0101c8081092cb007107', 'hex')).subarray(2);
  assert.deepEqual(decodeOption(bytes, Format.IPV4).client, client);
});

test('an option that does not fit its format is not written', () => {
  const wrong: [ToaOption, RegExp][] = [
    [{ kind: 254, format: Format.IPV4 }, /IPV4 carries a client, and none is given/],
    [{ kind: 254, format: Format.IPV4, client, vip }, /IPV4 carries no vip/],
    [{ kind: 254, format: Format.IPV4, client, vid: 0 }, /IPV4 carries no vid/],
    [{ kind: 254, format: Format.IPV4, client: client6 }, /client 2001:db8::7 is IPv6/],
    [{ kind: 254, format: Format.IPV4, client: { address: '203.0.113.7' } }, /its port is missing/],
    [{ kind: 28, format: Format.ADDRESS4, client }, /port 4242: this format has no room/],
    [
      { kind: 254, format: Format.IPV4, client: { ...client, port: 65536 } },
      /client port 65536 does not fit/,
    ],
    [{ kind: 254, format: Format.IPV4, client: { ...client, port: 1.5 } }, /client port 1\.5 does not fit/],
    [{ kind: 1, format: Format.IPV4, client }, /kind 1 does not fit/],
    [{ kind: 256, format: Format.IPV4, client }, /kind 256 does not fit/],
    [{ kind: 252, format: Format.VTOA4, client, vip, vid: 2 ** 32 }, /vid 4294967296 does not fit/],
    [
      { kind: 249, format: Format.VTOA6, client: client6, vip: { address: '::1' }, vid: 2 ** 24 },
      /vid 16777216 does not fit: it is an integer from 0 to 16777215/,
    ],
  ];
  for (const [option, message] of wrong) {
    assert.throws(
      () => encodeOption(option),
      (error: unknown) => error instanceof OptionError && message.test(error.message),
      String(message),
    );
  }
  const typo = { address: '203.0.113', port: 1 };
  assert.throws(() => encodeOption({ kind: 254, format: Format.IPV4, client: typo }), AddressError);
});

test('bytes that are no such option are not read', () => {
  const wrong: [string, RegExp][] = [
    ['', /"" is not an option of format ADDRESS4, which has length 7/],
    ['1c07', /"1c07" is not an option/],
    ['1c0701cb0071', /is not an option/],
    ['1c0801cb00710700', /is not an option/],
    ['010701cb007107', /is not an option/],
    ['1c0702cb007107', /version 1 only, not 2/],
  ];
  for (const [hex, message] of wrong) {
    assert.throws(
      () => decodeOption(Uint8Array.from(Buffer.from(hex, 'hex')), Format.ADDRESS4),
      (error: unknown) => error instanceof OptionError && message.test(error.message),
      hex,
    );
  }
});
