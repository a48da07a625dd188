import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../receiver/connections.js';
import { PLAIN } from '../style.js';
import { showConnections } from './connections.js';

const OLD: Connection = {
  client: { address: '203.0.113.7', port: 4242 },
  peer: { address: '10.0.0.1', port: 40000 },
  local: { address: '10.0.0.2', port: 443 },
  kind: '254/8',
  fromSyn: false,
  nat64: false,
  ageMs: 3_600_000,
  state: 'ESTABLISHED',
  netns: 4026531840,
  inode: 1,
};
const NEW: Connection = { ...OLD, client: { address: '2001:db8::7', port: 1 }, kind: '254/20', ageMs: 20 };

test('a row for each, and how many', () => {
  assert.deepEqual(showConnections([OLD, NEW], PLAIN), [
    'CLIENT            FORWARDER       LOCAL         KIND           AGE  STATE',
    '203.0.113.7:4242  10.0.0.1:40000  10.0.0.2:443  254/8   1 h 00 min  ESTABLISHED',
    '[2001:db8::7]:1   10.0.0.1:40000  10.0.0.2:443  254/20       20 ms  ESTABLISHED',
    '',
    '2 connections with a known client',
  ]);
});

test('virtual addresses have a column where one is known', () => {
  const { client: _, ...withoutClient } = OLD;
  const [titles, row] = showConnections(
    [{ ...withoutClient, vip: { address: '198.51.100.1', port: 443 } }],
    PLAIN,
  );
  assert.match(titles!, /^CLIENT +FORWARDER +LOCAL +VIP +KIND/);
  assert.match(row!, /^- +10\.0\.0\.1:40000 +10\.0\.0\.2:443 +198\.51\.100\.1:443 +254\/8 /);
});

test('none', () => {
  assert.deepEqual(showConnections([], PLAIN), ['0 connections with a known client']);
});
