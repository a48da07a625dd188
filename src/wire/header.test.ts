import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as arbitrary from './arbitraries.test.helper.js';
import { describeOption, HeaderError, headerOptions, splitOptions } from './header.js';
import { resolveProfiles } from './resolve.js';

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function describe(hex: string, syn = false): string[] {
  return splitOptions(bytesOf(hex)).map((slice) => describeOption(slice, syn));
}

/** A header whose data offset says `words`, with `extra` bytes behind the fixed part. */
function header(words: number, extra: number): Uint8Array {
  const bytes = new Uint8Array(20 + extra).fill(7, 20);
  bytes[12] = (words << 4) | 0xf;
  return bytes;
}

test('the options are what the data offset says', () => {
  assert.equal(headerOptions(header(5, 8)).length, 0);
  assert.deepEqual(headerOptions(header(7, 20)), new Uint8Array(8).fill(7));
  assert.equal(headerOptions(header(15, 40)).length, 40);
});

test('a header that is not whole is refused', () => {
  assert.throws(() => headerOptions(new Uint8Array(19)), HeaderError);
  assert.throws(() => headerOptions(header(4, 0)), /data offset says 16 bytes/);
  assert.throws(
    () => headerOptions(header(8, 11)),
    /data offset says 32 bytes of TCP header, and there are 31/,
  );
});

test('the usual options have their names', () => {
  assert.deepEqual(describe('020405b4 0402 080a0000000100000002 01 030307'), [
    '2/4 MSS',
    '4/2 SACK permitted',
    '8/10 timestamps',
    'NOP',
    '3/3 window scale',
  ]);
});

test('TOA is shown with all it says', () => {
  const shown: [string, string][] = [
    ['fe08 1092 cb007107', '254/8 client 203.0.113.7:4242'],
    ['fd14 1092 20010db8000000000000000000000007', '253/20 client [2001:db8::7]:4242'],
    ['1c07 01 cb007107', '28/7 client 203.0.113.7'],
    [
      'fc14 1092 cb007107 05000000 c6336401 01bb 0000',
      '252/20 client 203.0.113.7:4242 VIP 198.51.100.1:443 vid 5',
    ],
    ['fa08 01bb c6336401', '250/8 VIP 198.51.100.1:443'],
    ['c906 0000004d', '201/6 VPC 77'],
  ];
  for (const [hex, line] of shown) assert.deepEqual(describe(hex), [line]);
});

test('look-alikes have their own names', () => {
  assert.deepEqual(describe('fe08f989aabbccdd', true), ['254/8 Fast Open experiment f989aabbccdd']);
  assert.deepEqual(describe('fe08f989aabbccdd', false), ['254/8 client 170.187.204.221:63881']);
  assert.deepEqual(describe('fe06e2d4c3d9'), ['254/6 SMC experiment e2d4c3d9']);
  assert.deepEqual(describe('1c04803c'), ['28/4 user timeout']);
  assert.deepEqual(describe('1c0702cb007107'), ['28/7 unknown 02cb007107']);
  assert.deepEqual(describe('4d040102 4d02'), ['77/4 unknown 0102', '77/2 unknown']);
});

test('a kind chosen by hand is read as chosen', () => {
  const [slice] = splitOptions(bytesOf('fb08 1092 cb007107'));
  assert.equal(describeOption(slice!, false), '251/8 unknown 1092cb007107');
  const { known } = resolveProfiles([], ['251/8']);
  assert.equal(describeOption(slice!, false, known), '251/8 client 203.0.113.7:4242');
});

test('where the list breaks or ends, the rest is shown as it lies', () => {
  assert.deepEqual(describe('01 fe00 1092'), ['NOP', '254/0 broken fe001092']);
  assert.deepEqual(describe('fe08 1092'), ['254/8 broken fe081092']);
  assert.deepEqual(describe('fe'), ['254/? broken fe']);
  assert.deepEqual(describe('01 00 fe08 1092 cb007107'), ['NOP', 'end of options, unread fe081092cb007107']);
  assert.deepEqual(describe('00 0000'), ['end of options']);
});

test('the pieces are all the bytes, in order, whatever they are; each has a line', () => {
  fc.assert(
    fc.property(
      fc.oneof(arbitrary.optionBlock, fc.uint8Array({ maxLength: 60 })),
      fc.boolean(),
      (options, syn) => {
        const slices = splitOptions(options);
        assert.deepEqual(
          slices.flatMap(({ bytes }) => [...bytes]),
          [...options],
        );
        for (const slice of slices) {
          assert.deepEqual(slice.bytes, options.subarray(slice.at, slice.at + slice.bytes.length));
          assert.match(describeOption(slice, syn), /^[ -~]+$/);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
