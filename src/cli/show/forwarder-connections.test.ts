import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForwarderConnections } from '../../forwarder/list-connections.js';
import { PLAIN } from '../style.js';
import { showConnectionCounts, showForwarderConnections } from './forwarder-connections.js';

const CONNECTION: ForwarderConnections['connections'][number] = {
  service: 'web',
  client: { address: '203.0.113.7', port: 4242 },
  listen: { address: '198.51.100.10', port: 443 },
  local: { address: '10.0.0.10', port: 1024 },
  backend: { address: '10.0.1.11', port: 8443 },
  state: 'established',
  ageMs: 65_000,
  idleMs: 12_300,
  tagged: ['syn', 'ack'],
  missed: false,
};

test('who is connected to what by which addresses', () => {
  const passedOn = {
    ...CONNECTION,
    client: { address: '2001:db8::7', port: 1 },
    upstream: { address: '192.0.2.1', port: 5555 },
    tagged: [],
    missed: true,
  };
  assert.deepEqual(showForwarderConnections({ connections: [CONNECTION, passedOn], matched: 2 }, PLAIN), [
    'CLIENT                             SERVICE  LOCAL           BACKEND         TOA ON              AGE    IDLE  STATE',
    '203.0.113.7:4242                   web      10.0.0.10:1024  10.0.1.11:8443  syn, ack     1 min 05 s  12.3 s  established',
    '[2001:db8::7]:1 by 192.0.2.1:5555  web      10.0.0.10:1024  10.0.1.11:8443  - (not all)  1 min 05 s  12.3 s  established',
    '',
    '2 connections',
  ]);
});

test('of many only as many as the limit says, and that there are more', () => {
  const lines = showForwarderConnections({ connections: [CONNECTION], matched: 1_000_000 }, PLAIN);
  assert.equal(lines.at(-1), '1 of 1,000,000 connections: --limit shows more');
  assert.deepEqual(showForwarderConnections({ connections: [], matched: 0 }, PLAIN), ['0 connections']);
});

test('how many each has', () => {
  const counts = [
    { of: '10.0.1.11:8443', service: 'web', connections: 1_200 },
    { of: '10.0.1.12:8443', service: 'web', connections: 30 },
  ];
  assert.deepEqual(showConnectionCounts('backend', counts, 1, PLAIN), [
    'BACKEND         SERVICE  CONNECTIONS',
    '10.0.1.11:8443  web            1,200',
    '',
    '1,230 connections of 2 backends',
  ]);
  assert.deepEqual(showConnectionCounts('client', [], 1, PLAIN), ['0 connections of 0 clients']);
});
