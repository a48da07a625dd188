import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ALL_FORMATS, FORMATS, Format, formatBit, formatOfLength } from './formats.js';
import { Verdict } from './walk.js';

const header = readFileSync(new URL('../../../bpf/toa.h', import.meta.url), 'utf8');

function enumerators(prefix: string, body: string): Record<string, number> {
  const matches = body.matchAll(new RegExp(`\\b${prefix}(\\w+) = (\\d+)`, 'g'));
  return Object.fromEntries([...matches].map(([, name, value]) => [name, Number(value)]));
}

function block(start: string): string {
  const from = header.indexOf(start);
  return header.slice(from, header.indexOf('\n}', from));
}

test('formats and verdicts have the numbers of bpf/toa.h', () => {
  assert.deepEqual({ ...Format }, enumerators('TOA_FORMAT_', block('enum toa_format {')));
  assert.deepEqual({ ...Verdict }, enumerators('TOA_', block('enum toa_verdict {')));
});

test('formats have the lengths of bpf/toa.h', () => {
  const entries = block('toa_length_of_format[').matchAll(/\[TOA_FORMAT_(\w+)\] = (\d+),/g);
  const lengths = Object.fromEntries([...entries].map(([, name, length]) => [name, Number(length)]));
  const ours = ALL_FORMATS.map((format) => [FORMATS[format].name, FORMATS[format].length]);
  assert.deepEqual(Object.fromEntries(ours), lengths);
});

test('the names in the table are the names of the numbers', () => {
  for (const format of ALL_FORMATS) assert.equal(Format[FORMATS[format].name], format);
});

test('no field overlaps another or leaves its option', () => {
  for (const format of ALL_FORMATS) {
    const info = FORMATS[format];
    const taken = [0, 1];
    const take = (at: number, size: number) => taken.push(...Array.from({ length: size }, (_, i) => at + i));
    if (info.version !== undefined) take(2, 1);
    for (const field of [info.client, info.vip]) {
      if (field) take(field.addressAt, field.family === 4 ? 4 : 16);
      if (field?.portAt !== undefined) take(field.portAt, 2);
    }
    for (const field of [info.vid, info.vpc]) if (field) take(field.at, field.size);
    assert.equal(new Set(taken).size, taken.length, info.name);
    assert.ok(Math.max(...taken) < info.length, info.name);
  }
});

test('a length picks its format among the enabled ones only', () => {
  const mask = formatBit(Format.IPV6) | formatBit(Format.VIP);
  assert.equal(formatOfLength(mask, 20), Format.IPV6);
  assert.equal(formatOfLength(mask, 8), Format.VIP);
  assert.equal(formatOfLength(mask, 16), Format.NONE);
  assert.equal(formatOfLength(0, 8), Format.NONE);
});
