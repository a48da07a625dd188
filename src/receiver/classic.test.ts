import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classicReceivers } from './classic.js';

const found = (...names: string[]): string[] =>
  classicReceivers(names.map((name) => `${name} 16384 0 - Live 0x0000000000000000 (OE)\n`).join(''), []).map(
    ({ what }) => what,
  );

test('the classic receivers are found among the modules', () => {
  for (const name of ['toa', 'vtoa', 'ttoa', 'toa_v6', 'hw_toa', 'toa2'])
    assert.deepEqual(found('nf_tables', name, 'xfs'), [`the kernel module ${name}`]);
});

test('no other module is taken for one', () => {
  assert.deepEqual(found('nf_tables', 'stoat', 'toaster', 'autoa', 'ip_vs', 'tcp_bbr', 'uoa'), []);
});

test('a receiver without a module is known by its statistics', () => {
  const [conflict, ...others] = classicReceivers(null, ['tcp', 'toa_stats', 'unix']);
  assert.match(conflict!.what, /built into the kernel \(there is \/proc\/net\/toa_stats\)/);
  assert.deepEqual(others, []);
  assert.deepEqual(classicReceivers(null, ['tcp', 'unix']), []);
});

test('a module and its statistics are one', () => {
  assert.equal(classicReceivers('toa 1 0 - Live 0x0\n', ['toa_stats']).length, 1);
});
