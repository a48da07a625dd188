import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOMES } from './outcomes.js';
import type { ReceiverStats } from './stats.js';
import { ratesBetween } from './watch.js';

function tagged(count: bigint): ReceiverStats {
  return {
    established: count,
    outcomes: {
      ...(Object.fromEntries(OUTCOMES.map(({ name }) => [name, 0n])) as ReceiverStats['outcomes']),
      tagged: count,
    },
    peername: { client: 0n, mismatch: 0n, transport: 0n, other: 0n },
    sockopt: 0n,
  };
}

test('per second of what passed', () => {
  const rates = ratesBetween(tagged(100n), tagged(150n), 2);
  assert.equal(rates.established, 25);
  assert.equal(rates.outcomes.tagged, 25);
  assert.equal(rates.outcomes['no-option'], 0);
});

test('a receiver that began again has no negative rates', () => {
  assert.equal(ratesBetween(tagged(100n), tagged(10n), 1).outcomes.tagged, 10);
});
