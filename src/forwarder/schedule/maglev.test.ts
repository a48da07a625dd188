import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Candidate, maglevTable, withoutAbsent } from './maglev.js';

const SIZE = 65_537;
const SMALL = 251;

function candidates(count: number, weightOf: (at: number) => number = () => 1): Candidate[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `10.0.${at >> 8}.${at & 255}:8443`,
    weight: weightOf(at),
  }));
}

function entriesOf(table: Uint32Array, count: number): number[] {
  const entries = new Array<number>(count).fill(0);
  for (const at of table) entries[at]!++;
  return entries;
}

test('the table is full, and equal weights have the same number of entries, give or take one', () => {
  for (const count of [1, 2, 3, 10, 1_000]) {
    const entries = entriesOf(maglevTable(candidates(count), SIZE), count);
    assert.equal(
      entries.reduce((sum, own) => sum + own),
      SIZE,
    );
    assert.ok(Math.max(...entries) - Math.min(...entries) <= 1, `${count}: ${Math.max(...entries)}`);
  }
});

test('entries are by weight', () => {
  const weightOf = (at: number) => [1, 2, 10][at % 3]!;
  const entries = entriesOf(maglevTable(candidates(300, weightOf), SIZE), 300);
  entries.forEach((own, at) => {
    const due = (SIZE * weightOf(at)) / 1_300;
    assert.ok(Math.abs(own - due) < 1.5, `${own} entries instead of ${due}`);
  });
});

test('the table depends on who is in it, by key', () => {
  const some = candidates(5);
  const keys = (from: readonly Candidate[], table: Uint32Array) => [...table].map((at) => from[at]!.key);
  assert.deepEqual(maglevTable(some, SMALL), maglevTable(structuredClone(some), SMALL));
  const others = some.map(({ key, weight }) => ({ key: `${key}0`, weight }));
  assert.notDeepEqual(keys(some, maglevTable(some, SMALL)), keys(others, maglevTable(others, SMALL)));
});

test('one candidate less leaves 99 of 100 entries of the others as they are', () => {
  for (const count of [3, 10, 100, 1_000]) {
    const all = candidates(count);
    const leaver = count >> 1;
    const before = maglevTable(all, SIZE);
    const rest = all.toSpliced(leaver, 1);
    const after = maglevTable(rest, SIZE);
    const changed = before.filter(
      (at, entry) => at !== leaver && all[at]!.key !== rest[after[entry]!]!.key,
    ).length;
    assert.ok(changed <= SIZE / 100, `${count}: ${changed} entries changed`);
  }
});

/** Candidates with weights, and who of them is there: at least the first. */
const present = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.boolean()), { minLength: 1, maxLength: 40 })
  .map(([first, ...others]) => [[first![0], true] as const, ...others]);

test('an absent candidate takes no entry from another along, however many are absent', () => {
  fc.assert(
    fc.property(present, (some) => {
      const all = candidates(some.length, (at) => some[at]![0]);
      const isThere = (at: number) => some[at]![1];
      const table = maglevTable(all, SMALL);
      withoutAbsent(table, all, isThere).forEach((at, entry) => {
        assert.ok(isThere(at));
        if (isThere(table[entry]!)) assert.equal(at, table[entry]);
      });
    }),
  );
});

test('what the absent leave is shared evenly: equal weights differ by one entry', () => {
  fc.assert(
    fc.property(present, (some) => {
      const all = candidates(some.length);
      const isThere = (at: number) => some[at]![1];
      const entries = entriesOf(withoutAbsent(maglevTable(all, SMALL), all, isThere), all.length).filter(
        (_, at) => isThere(at),
      );
      assert.ok(Math.max(...entries) - Math.min(...entries) <= 1, entries.join());
    }),
  );
});

test('when everybody is back, the table is as it was', () => {
  const all = candidates(10);
  const table = maglevTable(all, SMALL);
  assert.equal(
    withoutAbsent(table, all, () => true),
    table,
  );
});
