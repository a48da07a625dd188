import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressError, familyOf, formatAddress } from './address.js';
import * as arbitrary from './arbitraries.test.helper.js';
import { formatEndpoint, parseEndpoint } from './endpoint.js';

test('an endpoint is an address and a port', () => {
  assert.deepEqual(parseEndpoint('203.0.113.7:4242'), { address: '203.0.113.7', port: 4242 });
  assert.deepEqual(parseEndpoint('[2001:DB8:0::1]:65535'), { address: '2001:db8::1', port: 65535 });
  assert.deepEqual(parseEndpoint('0.0.0.0:0'), { address: '0.0.0.0', port: 0 });
});

test('an address without a port is printed bare', () => {
  assert.equal(formatEndpoint({ address: '203.0.113.7' }), '203.0.113.7');
  assert.equal(formatEndpoint({ address: '2001:db8::1' }), '2001:db8::1');
});

test('every endpoint survives its own text', () => {
  const port = fc.integer({ min: 0, max: 65535 });
  fc.assert(
    fc.property(arbitrary.address, port, (bytes, port) => {
      const endpoint = { address: formatAddress(bytes), port };
      assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
      assert.equal(formatEndpoint(endpoint).startsWith('['), familyOf(bytes) === 6);
    }),
  );
});

test('a refusal quotes the text and says what to write', () => {
  const wrong: [string, RegExp][] = [
    ['203.0.113.7', /no port: write 203\.0\.113\.7:PORT/],
    ['2001:db8::1', /write \[2001:db8::1\]:PORT/],
    ['2001:db8::1:4242', /write \[2001:db8::1:4242\]:PORT/],
    ['[203.0.113.7]:80', /brackets are for IPv6/],
    ['[2001:db8::1]', /not an address and a port/],
    ['203.0.113.7:', /"" is not a port/],
    ['203.0.113.7:65536', /"65536" is not a port/],
    ['203.0.113.7:080', /"080" is not a port/],
    ['203.0.113.7:-1', /"-1" is not a port/],
    ['203.0.113:80', /"203\.0\.113": not an IP address/],
    ['[::1%lo]:80', /zone id/],
    ['', /not an address and a port/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(
      () => parseEndpoint(text),
      (error: unknown) => error instanceof AddressError && message.test(error.message),
      text,
    );
  }
});
