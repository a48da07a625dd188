import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAge,
  formatCount,
  formatCounted,
  formatInstant,
  formatList,
  formatRate,
  formatShare,
  formatTime,
} from './units.js';

test('counts', () => {
  assert.equal(formatCount(0n), '0');
  assert.equal(formatCount(18_446_744_073_709_551_615n), '18,446,744,073,709,551,615');
  assert.equal(formatCounted(1n, 'connection'), '1 connection');
  assert.equal(formatCounted(1234, 'connection'), '1,234 connections');
});

test('a share that is neither nothing nor all does not look like it', () => {
  assert.equal(formatShare(0n, 0n), '-');
  assert.equal(formatShare(0n, 7n), '0.0 %');
  assert.equal(formatShare(7n, 7n), '100.0 %');
  assert.equal(formatShare(1n, 3n), '33.3 %');
  assert.equal(formatShare(1n, 1_000_000n), '<0.1 %');
  assert.equal(formatShare(999_999n, 1_000_000n), '>99.9 %');
});

test('rates', () => {
  assert.deepEqual([0, 0.25, 9.04, 12.6, 123_456].map(formatRate), [
    '0/s',
    '0.3/s',
    '9.0/s',
    '13/s',
    '123,456/s',
  ]);
});

test('ages', () => {
  const minute = 60_000;
  const hour = 60 * minute;
  const ages: [number, string][] = [
    [-3, '0 ms'],
    [850, '850 ms'],
    [12_390, '12.3 s'],
    [59_999, '59.9 s'],
    [3 * minute + 2_000, '3 min 02 s'],
    [5 * hour + 3 * minute, '5 h 03 min'],
    [12 * 24 * hour + 4 * hour, '12 d 4 h'],
  ];
  for (const [ms, text] of ages) assert.equal(formatAge(ms), text);
});

test('times are local', () => {
  const at = new Date(2026, 10, 2, 8, 3, 2, 7);
  assert.equal(formatTime(at), '2026-11-02 08:03:02');
  assert.equal(formatInstant(at), '2026-11-02 08:03:02.007');
});

test('lists', () => {
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(formatList), [
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});
