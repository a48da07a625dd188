import assert from 'node:assert/strict';
import { OUTCOMES, type OutcomeName } from '../../src/receiver/outcomes.js';
import { readStats } from '../../src/receiver/stats.js';

/**
 * Starts to count. What it returns names the outcome of every connection established since, one entry each, in the
 * order of the table of outcomes; and sees to it that none went uncounted.
 */
export function outcomesOf(): () => OutcomeName[] {
  const before = readStats();
  return () => {
    const { established, outcomes } = readStats();
    const since = OUTCOMES.flatMap(({ name }) =>
      new Array<OutcomeName>(Number(outcomes[name] - before.outcomes[name])).fill(name),
    );
    assert.equal(
      BigInt(since.length),
      established - before.established,
      'established is the sum of outcomes',
    );
    return since;
  };
}
