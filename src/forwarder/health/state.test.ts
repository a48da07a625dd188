import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterCheck, type HealthState, known, UNCHECKED } from './state.js';

const RULES = { rise: 2, fall: 3 };

/** The states that checks lead to: + succeeded, - failed; U up, d down. */
function courseOf(checks: string, from: HealthState): string {
  let state = from;
  return [...checks]
    .map((check) => {
      state = afterCheck(state, check === '+', RULES);
      return state.up ? 'U' : 'd';
    })
    .join('');
}

test('as many failures in a row as `fall` says take a backend down', () => {
  assert.equal(courseOf('---', known(true)), 'UUd');
  assert.equal(courseOf('--+--+---', known(true)), 'UUUUUUUUd');
});

test('as many successes in a row as `rise` says bring it up', () => {
  assert.equal(courseOf('++', known(false)), 'dU');
  assert.equal(courseOf('+-+-++', known(false)), 'dddddU');
});

test('of a backend that was never checked the first check tells', () => {
  assert.equal(courseOf('-', UNCHECKED), 'd');
  assert.equal(courseOf('+---', UNCHECKED), 'UUUd');
  assert.equal(UNCHECKED.up, true);
});
