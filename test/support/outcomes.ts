import assert from 'node:assert/strict';
import { OUTCOMES, type OutcomeName } from '../../src/receiver/outcomes.js';
import { readStats } from '../../src/receiver/stats.js';

/** How many connections had which outcome; those that none had are not there. */
export type Counted = Partial<Record<OutcomeName, number>>;

/**
 * Starts to count. What it returns counts the connections established since, by outcome, and sees to it that there is
 * an outcome for each.
 */
export function outcomesOf(): () => Counted {
  const before = readStats();
  return () => {
    const { established, outcomes } = readStats();
    const since = OUTCOMES.map(({ name }) => [name, Number(outcomes[name] - before.outcomes[name])] as const);
    const sum = since.reduce((total, [, count]) => total + count, 0);
    assert.equal(BigInt(sum), established - before.established, 'established is the sum of outcomes');
    return Object.fromEntries(since.filter(([, count]) => count > 0));
  };
}
