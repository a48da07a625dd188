import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { COLOURED } from './style.js';
import { pairs, table } from './table.js';

const COLUMNS = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }, { title: 'SAYS' }] as const;

test('columns are as wide as their widest cell', () => {
  const rows = [
    ['a', '1,234,567', 'x'],
    ['longer', '1', ''],
  ];
  assert.deepEqual(table(COLUMNS, rows), [
    'NAME        COUNT  SAYS', //
    'a       1,234,567  x',
    'longer          1',
  ]);
});

test('colours take no room', () => {
  const rows = [
    [COLOURED.good('a'), '1', 'x'],
    ['bb', COLOURED.bad('22'), COLOURED.faint('y')],
  ];
  const plain = rows.map((row) => row.map(stripVTControlCharacters));
  assert.notDeepEqual(table(COLUMNS, rows, COLOURED), table(COLUMNS, plain));
  assert.deepEqual(table(COLUMNS, rows, COLOURED).map(stripVTControlCharacters), table(COLUMNS, plain));
});

test('names and values', () => {
  assert.deepEqual(
    pairs([
      ['trust', 'any'],
      ['cgroup', '/'],
    ]),
    ['trust   any', 'cgroup  /'],
  );
});
