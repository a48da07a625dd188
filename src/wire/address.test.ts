import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressError, familyOf, formatAddress, parseAddress } from './address.js';
import * as arbitrary from './arbitraries.test.helper.js';
import { toHex } from './hex.js';

test('IPv4 is kept IPv4-mapped', () => {
  assert.equal(toHex(parseAddress('203.0.113.7')), '00000000000000000000ffffcb007107');
  assert.deepEqual(parseAddress('::ffff:203.0.113.7'), parseAddress('203.0.113.7'));
  assert.deepEqual(parseAddress('::ffff:cb00:7107'), parseAddress('203.0.113.7'));
  assert.equal(formatAddress(parseAddress('::FFFF:203.0.113.7')), '203.0.113.7');
});

test('IPv6 text is RFC 5952', () => {
  const canonical: [string, string][] = [
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ];
  for (const [text, expected] of canonical) assert.equal(formatAddress(parseAddress(text)), expected);
});

test('what is not an address is refused by name', () => {
  const wrong = [
    ...[
      '',
      ' ',
      'localhost',
      '1',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '01.2.3.4',
      '0x1.2.3.4',
      '1.2.3.4 ',
      '+1.2.3.4',
    ],
    ...[
      '[::1]',
      '1::2::3',
      ':::',
      '12345::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '::1.2.3',
      '::ffff:01.2.3.4',
    ],
    ...['::ffff:0x1.2.3.4', '::1/64', '1.2.3.4::', '::1%1', '1.2.3.4/8', '２03.0.113.7'],
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseAddress(text),
      (error: unknown) => error instanceof AddressError && error.message.includes(JSON.stringify(text)),
      text,
    );
  }
  assert.throws(() => parseAddress('fe80::1%eth0'), /zone id/);
});

test('every address survives its own text, which is the one browsers write', () => {
  fc.assert(
    fc.property(arbitrary.address, (bytes) => {
      const text = formatAddress(bytes);
      assert.deepEqual(parseAddress(text), bytes);
      assert.equal(isIPv4(text), familyOf(bytes) === 4);
      if (familyOf(bytes) === 6) assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
    }),
    { numRuns: 2000 },
  );
});

test('no text is taken that node:net would not take', () => {
  const characters = fc.constantFrom(...'0123456789abF:.%x/[] ');
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: characters, maxLength: 20 }), fc.ipV6(), fc.ipV4Extended()),
      (text) => {
        const valid = isIPv4(text) || (isIPv6(text) && !text.includes('%'));
        if (valid) assert.deepEqual(parseAddress(formatAddress(parseAddress(text))), parseAddress(text));
        else assert.throws(() => parseAddress(text), AddressError);
      },
    ),
    { numRuns: 5000 },
  );
});

test('an address of the wrong size is a mistake of the caller', () => {
  assert.throws(() => familyOf(new Uint8Array(4)), RangeError);
  assert.throws(() => formatAddress(new Uint8Array(17)), RangeError);
});
