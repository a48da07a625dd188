import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, nextHops } from './neighbours.js';

const ON_LINK = { destination: '10.0.1.11', isLocal: false, device: 'eth1' };
const ROUTED = { ...ON_LINK, destination: '10.9.0.1', gateway: '10.0.1.1' };

test('the next hop is the backend itself, or the gateway to it, of whichever family', () => {
  const other = { ...ROUTED, destination: '10.9.0.2', gateway: 'fe80::1' };
  assert.deepEqual(
    nextHops([ON_LINK, ROUTED, { ...ROUTED, destination: '10.9.0.7' }, other], new Set(['eth1'])),
    [
      { address: '10.0.1.11', device: 'eth1' },
      { address: '10.0.1.1', device: 'eth1' },
      { address: 'fe80::1', device: 'eth1' },
    ],
  );
});

test('what is not reached by the interfaces of the forwarder has no next hop', () => {
  const local = { destination: '10.0.1.5', isLocal: true, device: 'lo' };
  assert.deepEqual(nextHops([ON_LINK, local], new Set(['eth0', 'lo'])), []);
});

test('only what is missing is made, and only what is ours is removed', () => {
  const wanted = nextHops([ON_LINK, ROUTED], new Set(['eth1']));
  const entries = [
    { dst: '10.0.1.11', dev: 'eth1', state: ['REACHABLE'], protocol: '84' },
    { dst: '10.0.1.99', dev: 'eth1', state: ['STALE'], protocol: '84' },
    { dst: '10.0.1.98', dev: 'eth1', state: ['STALE'] },
  ];
  assert.deepEqual(difference(wanted, entries), {
    add: [{ address: '10.0.1.1', device: 'eth1' }],
    remove: [{ address: '10.0.1.99', device: 'eth1' }],
  });
});

test('a neighbour that an administrator has fixed stays', () => {
  const fixed = [{ dst: '10.0.1.11', dev: 'eth1', state: ['PERMANENT'] }];
  assert.deepEqual(difference(nextHops([ON_LINK], new Set(['eth1'])), fixed), { add: [], remove: [] });
});
