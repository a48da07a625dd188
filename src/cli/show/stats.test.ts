import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOMES } from '../../receiver/outcomes.js';
import { PLAIN } from '../style.js';
import { eachOutcome, statsWith } from './show.test.helper.js';
import { showClassic, showStats } from './stats.js';

const STATS = statsWith({ tagged: 1_200n, 'no-option': 30n, untrusted: 4n });

test('a row for each outcome, with its share', () => {
  const lines = showStats({ stats: STATS }, PLAIN);
  assert.deepEqual(lines.slice(0, 2), [
    'OUTCOME      COUNT    SHARE  MEANING',
    'tagged       1,200   97.2 %  client known, getpeername() answers with it',
  ]);
  for (const [at, { name, says }] of OUTCOMES.entries()) {
    assert.ok(lines[at + 1]!.startsWith(`${name} `));
    assert.ok(lines[at + 1]!.endsWith(says));
  }
  assert.equal(lines[OUTCOMES.length + 1], 'established  1,234  100.0 %  all of them together');
  assert.deepEqual(lines.slice(-2), [
    'getpeername, accept  3 with the client, 1 in a family that cannot say it, 20 without one, 0 not TCP',
    'getsockopt           5 answered',
  ]);
});

test('rates, where there are any', () => {
  const perSecond = { established: 100.5, outcomes: eachOutcome({ tagged: 99.5 }, 0) };
  const lines = showStats({ stats: STATS, perSecond }, PLAIN);
  assert.equal(lines[1], 'tagged       1,200   97.2 %  100/s  client known, getpeername() answers with it');
  assert.match(lines[4]!, /^no-option +30 +2\.4 % +0\/s /);
});

test('the rows of /proc/net/toa_stats', () => {
  assert.deepEqual(showClassic(STATS).slice(1), [
    'syn_recv_sock_toa        :      1200 ',
    'syn_recv_sock_no_toa     :        34 ',
    'getname_toa_ok           :         3 ',
    'getname_toa_mismatch     :         1 ',
    'getname_toa_bypass       :         0 ',
    'getname_toa_empty        :        20 ',
  ]);
});
