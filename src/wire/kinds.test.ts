import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMATS, Format } from './formats.js';
import { formatKind, KindError, parseKind } from './kinds.js';
import { KNOWN_OPTIONS } from './profiles.js';
import { STANDARD_KINDS } from './registry.js';

test('a pair that a vendor sends has that vendor’s format', () => {
  for (const { kind, format } of KNOWN_OPTIONS) {
    const { length } = FORMATS[format];
    assert.deepEqual(parseKind(`${kind}/${length}`), { kind, length, format });
  }
});

test('any other pair has the plain format of its length', () => {
  const plain: [string, Format][] = [
    ['251/8', Format.IPV4],
    ['251/20', Format.IPV6],
    ['251/7', Format.ADDRESS4],
    ['251/19', Format.ADDRESS6],
    ['251/16', Format.IPV4_VIP],
    ['200/20', Format.IPV6],
    ['250/20', Format.IPV6],
  ];
  for (const [text, format] of plain) {
    assert.equal(parseKind(text).format, format, text);
    assert.equal(formatKind(parseKind(text)), text);
  }
});

test('a kind that is another protocol’s is refused by name', () => {
  const known = new Set(KNOWN_OPTIONS.map(({ kind }) => kind));
  for (const [kind, { name }] of STANDARD_KINDS) {
    assert.throws(
      () => parseKind(`${kind}/8`),
      (error: unknown) =>
        error instanceof KindError &&
        error.message.includes(`"${kind}/8": kind ${kind} is ${name} (`) &&
        error.message.includes('except') === known.has(kind),
      name,
    );
  }
  assert.throws(
    () => parseKind('28/4'),
    /kind 28 is user timeout \(RFC 5482\), not TOA except with length 7 or 19$/,
  );
  assert.throws(() => parseKind('8/10'), /"8\/10": kind 8 is timestamps \(RFC 7323\), not TOA$/);
});

test('a length without a layout is refused with the lengths there are', () => {
  assert.throws(
    () => parseKind('200/6'),
    /"200\/6": no TOA of kind 200 has length 6: it is 7, 8, 16, 19 or 20$/,
  );
  assert.throws(() => parseKind('249/8192'), /it is 7, 8, 16, 19, 20 or 40$/);
});

test('what is no pair is refused', () => {
  for (const text of [
    '',
    '200',
    '200/',
    '/8',
    '200/8/8',
    '0xc8/8',
    '0200/8',
    '-1/8',
    '200 /8',
    '200/8.0',
    'tencent',
  ]) {
    assert.throws(
      () => parseKind(text),
      (error: unknown) =>
        error instanceof KindError && error.message.startsWith(`${JSON.stringify(text)}: write`),
      text,
    );
  }
  assert.throws(() => parseKind('256/8'), /at most 255/);
});
