import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addShares, divide } from './shares.js';

const weights = fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 200 });
const PLACES = 65_537;

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

test('every place is given, at least one to each, and more weight never means fewer', () => {
  fc.assert(
    fc.property(weights, (given) => {
      const shares = divide(given, PLACES);
      assert.equal(sum(shares), PLACES);
      const byWeight = given.map((weight, at) => [weight, shares[at]!] as const).sort((a, b) => a[0] - b[0]);
      byWeight.forEach(([weight, share], at) => {
        const [lighter, fewer] = byWeight[at - 1] ?? [0, 0];
        assert.ok(share >= 1 && (lighter === weight || share >= fewer));
      });
    }),
  );
});

test('a share is what the weight is due, give or take one place, and what the least are lifted by', () => {
  fc.assert(
    fc.property(weights, (given) => {
      const total = sum(given);
      const due = given.map((weight) => (PLACES * weight) / total);
      const lifted = due.filter((places) => places < 1).length;
      divide(given, PLACES).forEach((share, at) => {
        const off = share - Math.max(1, due[at]!);
        assert.ok(off < 1.5 && off > -1.5 - lifted, `${share} places instead of ${due[at]}`);
      });
    }),
  );
});

test('equal weights get the same, give or take one place', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 65_535 }), (count, weight) => {
      const shares = divide(new Array(count).fill(weight), PLACES);
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }),
  );
});

test('more places take nothing away, and go to those who have the least for their weight', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 1_000 }), (given, more) => {
      const have = divide(given, 2_000);
      const shares = addShares(given, have, 2_000 + more);
      assert.equal(sum(shares), 2_000 + more);
      const gained = [...shares].map((share, at) => share - have[at]!);
      assert.ok(gained.every((places) => places >= 0));
      // The last place that anybody got is worth as much to nobody else.
      shares.forEach((share, at) => {
        if (gained[at] === 0) return;
        const worth = (share - 0.5) / given[at]!;
        assert.ok([...shares].every((other, index) => (other + 0.5) / given[index]! >= worth));
      });
    }),
  );
});
