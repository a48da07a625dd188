import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressError, parseAddress } from './address.js';
import * as arbitrary from './arbitraries.test.helper.js';
import { formatCidr, parseCidr } from './cidr.js';

test('IPv4 prefixes are counted in the mapped space', () => {
  assert.deepEqual(parseCidr('10.0.0.0/8'), { address: parseAddress('10.0.0.0'), prefix: 104 });
  assert.deepEqual(parseCidr('0.0.0.0/0'), { address: parseAddress('0.0.0.0'), prefix: 96 });
  assert.deepEqual(parseCidr('::ffff:10.0.0.0/104'), parseCidr('10.0.0.0/8'));
  assert.deepEqual(parseCidr('2001:db8::/32'), { address: parseAddress('2001:db8::'), prefix: 32 });
});

test('a bare address is a network of one', () => {
  assert.deepEqual(parseCidr('192.0.2.1'), parseCidr('192.0.2.1/32'));
  assert.deepEqual(parseCidr('2001:db8::1'), parseCidr('2001:db8::1/128'));
  assert.equal(formatCidr(parseCidr('192.0.2.1')), '192.0.2.1/32');
  assert.equal(formatCidr(parseCidr('2001:db8::1')), '2001:db8::1/128');
});

test('a refusal quotes the text and says what to write', () => {
  const wrong: [string, RegExp][] = [
    ['10.1.2.3/8', /^"10\.1\.2\.3\/8" has host bits set: write 10\.0\.0\.0\/8$/],
    ['192.0.2.1/31', /write 192\.0\.2\.0\/31$/],
    ['2001:db8::1/32', /write 2001:db8::\/32$/],
    ['10.0.0.0/33', /an IPv4 prefix is a number from 0 to 32/],
    ['2001:db8::/129', /an IPv6 prefix is a number from 0 to 128/],
    ['10.0.0.0/', /an IPv4 prefix/],
    ['10.0.0.0/08', /an IPv4 prefix/],
    ['10.0.0.0/255.0.0.0', /an IPv4 prefix/],
    ['10.0.0.0/8/8', /an IPv4 prefix/],
    ['10/8', /"10": not an IP address/],
    ['/8', /not an IP address/],
    ['any', /"any": not an IP address/],
    ['fe80::%eth0/64', /zone id/],
    ['::/0', /contains every IPv4 address too/],
    ['::/80', /contains every IPv4 address too/],
    ['::ffff:0:0/95', /contains every IPv4 address too/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(
      () => parseCidr(text),
      (error: unknown) => error instanceof AddressError && message.test(error.message),
      text,
    );
  }
});

test('the last IPv6 networks beside IPv4 are allowed', () => {
  assert.equal(parseCidr('::/81').prefix, 81);
  assert.equal(formatCidr(parseCidr('::ffff:0:0/96')), '0.0.0.0/0');
});

/** Whether the bits from `prefix` on are all 0, the slow way. */
function hostBitsClear(address: Uint8Array, prefix: number): boolean {
  const bits = [...address].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return !bits.slice(prefix).includes('1');
}

test('a network is taken exactly when its host bits are clear, and survives its text', () => {
  fc.assert(
    fc.property(arbitrary.address, fc.integer({ min: 96, max: 128 }), (address, prefix) => {
      const text = formatCidr({ address, prefix });
      if (hostBitsClear(address, prefix)) {
        assert.deepEqual(parseCidr(text), { address, prefix });
        return;
      }
      assert.throws(
        () => parseCidr(text),
        (error: unknown) => {
          const right = parseCidr(/write (.*)$/.exec((error as Error).message)![1]!);
          return right.prefix === prefix && hostBitsClear(right.address, prefix);
        },
      );
    }),
    { numRuns: 1000 },
  );
});
