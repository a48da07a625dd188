import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTER_MEANINGS } from '../../forwarder/counters.js';
import { COUNTERS, type CounterName } from '../../forwarder/layout.js';
import { type ForwarderStats, perCounter, ratesBetween } from '../../forwarder/stats.js';
import { PLAIN } from '../style.js';
import { showForwarderStats } from './forwarder-stats.js';

type Given = Partial<Record<CounterName, bigint>>;

function statsWith(web: Given, api: Given, none: Given = {}): ForwarderStats {
  const parts = [web, api, none].map((given) => perCounter((name) => given[name] ?? 0n));
  return {
    total: perCounter((name) => parts.reduce((sum, part) => sum + part[name], 0n)),
    services: [
      { service: 'web', counters: parts[0]! },
      { service: 'api', counters: parts[1]! },
    ],
    none: parts[2]!,
  };
}

const BEFORE = statsWith({ opened: 1_000n }, {});
const AFTER = statsWith({ opened: 1_500n, dropNoPort: 3n }, { opened: 7n }, { dropFragment: 1n });

test('a row for each service that has counted something, and what to do about it', () => {
  assert.deepEqual(showForwarderStats({ stats: AFTER }, PLAIN), [
    'ABOUT        COUNTER       SERVICE  COUNT  MEANING',
    'dropped      dropNoPort    web          3  SYNs for which no local port was free towards the backend',
    'dropped      dropFragment  -            1  fragments of IP packets',
    'connections  opened        web      1,500  opened: a SYN was sent on',
    '                           api          7',
    '',
    'what to do',
    '  dropNoPort: add localAddresses: each makes some 64,000 connections to a backend possible',
    '  dropFragment: TCP has path MTU discovery instead: look for who filters ICMP',
  ]);
});

test('rates are those of each service', () => {
  const perSecond = ratesBetween(BEFORE, AFTER, 2);
  const lines = showForwarderStats({ stats: AFTER, perSecond }, PLAIN);
  assert.match(lines.find((line) => line.includes('opened'))!, /web +1,500 +250\/s /);
  assert.match(lines.find((line) => line.includes('api'))!, /api +7 +3\.5\/s/);
});

test('nothing counted', () => {
  assert.deepEqual(showForwarderStats({ stats: statsWith({}, {}) }, PLAIN), [
    'nothing has been counted so far',
  ]);
});

test('every counter has a meaning, and every drop a remedy', () => {
  assert.deepEqual(COUNTER_MEANINGS.map(({ name }) => name).sort(), [...COUNTERS].sort());
  for (const { name, number } of COUNTER_MEANINGS) assert.equal(COUNTERS[number], name);
  const without = COUNTER_MEANINGS.filter(({ group, next }) => group === 'dropped' && next === undefined);
  assert.deepEqual(without, []);
});
