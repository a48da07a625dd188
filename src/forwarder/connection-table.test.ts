import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectionFilter, ConnectionTable, LIVE_STATES } from './connection-table.js';
import { tableOf } from './connections.test.helper.js';
import { parsePattern } from './endpoint-match.js';
import { CONNECTION_FLAGS, STATE } from './layout.js';

const TABLE = new ConnectionTable(
  tableOf([
    undefined,
    { client: ['203.0.113.7', 1], backendNumber: 5 },
    { client: ['203.0.113.7', 2], backend: ['10.0.1.12', 8443], backendNumber: 6, service: 2 },
    undefined,
    { client: ['203.0.114.8', 3], backendNumber: 5, flags: CONNECTION_FLAGS.open },
    { client: ['2001:db8::7', 4], backend: ['fd00::1', 80], backendNumber: 7, service: 2 },
  ]),
);

/** The clients' ports tell which connections they are. */
function listed(filter: ConnectionFilter, limit = 100): number[] {
  return TABLE.list(filter, limit).listed.map(({ connection }) => connection.client.port);
}

test('every connection is listed with the number of its service', () => {
  assert.deepEqual(listed({}), [1, 2, 3, 4]);
  assert.deepEqual(
    TABLE.list({}, 100).listed.map(({ service }) => service),
    [1, 2, 1, 2],
  );
});

test('a limit cuts the list and not the count', () => {
  assert.deepEqual(listed({}, 2), [1, 2]);
  assert.equal(TABLE.list({}, 2).matched, 4);
});

test('filters by service, state, client and backend', () => {
  assert.deepEqual(listed({ service: 2 }), [2, 4]);
  assert.deepEqual(listed({ states: [STATE.synSent] }), [3]);
  assert.deepEqual(listed({ client: parsePattern('203.0.113.0/24') }), [1, 2]);
  assert.deepEqual(listed({ client: parsePattern('203.0.113.7') }), [1, 2]);
  assert.deepEqual(listed({ client: parsePattern('203.0.113.7:2') }), [2]);
  assert.deepEqual(listed({ client: parsePattern('0.0.0.0/0') }), [1, 2, 3]);
  assert.deepEqual(listed({ client: parsePattern('2001:db8::/32') }), [4]);
  assert.deepEqual(listed({ backend: parsePattern('[fd00::1]:80') }), [4]);
  assert.deepEqual(listed({ backend: parsePattern('[fd00::1]:81') }), []);
  assert.deepEqual(
    listed({ backend: parsePattern('10.0.1.11'), service: 1, states: [STATE.established] }),
    [1],
  );
});

test('connections are counted by client and by backend', () => {
  assert.deepEqual(
    [...TABLE.countByClient({})],
    [
      ['203.0.113.7', 2],
      ['203.0.114.8', 1],
      ['2001:db8::7', 1],
    ],
  );
  assert.deepEqual(
    [...TABLE.countByBackend({ service: 2 })],
    [
      [6, 1],
      [7, 1],
    ],
  );
});

test('connections are counted by state', () => {
  assert.deepEqual(TABLE.countByState(), [2, 1, 0, 3, 0, 0]);
  assert.deepEqual(listed({ states: LIVE_STATES }), [1, 2, 3, 4]);
  assert.deepEqual(listed({ states: [STATE.closed] }), []);
});

test('what is no address is refused with what would be right', () => {
  assert.throws(() => parsePattern('web-1'), /web-1.*write one like 203\.0\.113\.7/);
});
