import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Format, formatBit } from './formats.js';
import { ConflictError, ruleTable } from './rules.js';

test('one kind may carry formats of different lengths', () => {
  const table = ruleTable([
    { kind: 254, format: Format.IPV4, by: 'dpvs' },
    { kind: 254, format: Format.IPV6, by: 'dpvs' },
    { kind: 254, format: Format.IPV4, by: 'lvs' },
  ]);
  assert.equal(table.length, 256);
  assert.equal(table[254], formatBit(Format.IPV4) | formatBit(Format.IPV6));
  assert.equal(
    table.reduce((sum, mask) => sum + mask, 0),
    table[254],
  );
});

test('two formats of one length on one kind are refused, with both sides named', () => {
  assert.throws(
    () =>
      ruleTable([
        { kind: 252, format: Format.IPV4, by: 'ucloud' },
        { kind: 252, format: Format.VTOA4, by: 'alibaba-slb' },
        { kind: 252, format: Format.IPV6, by: 'mine' },
      ]),
    (error: unknown) =>
      error instanceof ConflictError &&
      error.message === '252/20 is VTOA4 to alibaba-slb and IPV6 to mine: choose one',
  );
});
