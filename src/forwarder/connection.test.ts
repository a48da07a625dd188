import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tickNow } from './clock.js';
import { CONNECTION_STATES, decodeConnection, stateOf } from './connection.js';
import { connectionBytes } from './connections.test.helper.js';
import { CONNECTION_FLAGS as FLAG } from './layout.js';

const ESTABLISHED = FLAG.open | FLAG.answered | FLAG.established;

test('a connection is who talks to whom, by what addresses, since when', () => {
  const flags = ESTABLISHED | FLAG.taggedSyn | FLAG.taggedData | FLAG.missed;
  const { ageMs, idleMs, ...rest } = decodeConnection(
    connectionBytes({ flags, createdMsAgo: 60_000 }),
    tickNow(),
  );
  assert.deepEqual(rest, {
    client: { address: '203.0.113.7', port: 4242 },
    listen: { address: '198.51.100.10', port: 443 },
    local: { address: '10.0.0.10', port: 1024 },
    backend: { address: '10.0.1.11', port: 8443 },
    state: 'established',
    tagged: ['syn', 'data'],
    missed: true,
  });
  assert.ok(ageMs >= 59_990 && ageMs < 120_000, String(ageMs));
  assert.ok(idleMs < 60_000, String(idleMs));
});

test('where an upstream speaks for the client, both are told', () => {
  const bytes = connectionBytes({
    client: ['2001:db8::7', 4242],
    sender: ['192.0.2.1', 5555],
    flags: ESTABLISHED | FLAG.upstream,
  });
  const { client, upstream } = decodeConnection(bytes, tickNow());
  assert.deepEqual([client.address, upstream], ['2001:db8::7', { address: '192.0.2.1', port: 5555 }]);
});

test('the state follows from what passed', () => {
  const name = (flags: number) => CONNECTION_STATES[stateOf(flags)];
  assert.equal(name(0), 'free');
  assert.equal(name(FLAG.open), 'syn-sent');
  assert.equal(name(FLAG.open | FLAG.answered), 'syn-received');
  assert.equal(name(ESTABLISHED), 'established');
  assert.equal(name(ESTABLISHED | FLAG.finClient | FLAG.finishedClient), 'closing');
  assert.equal(name(ESTABLISHED | FLAG.resetDoubted), 'closing');
  assert.equal(name(ESTABLISHED | FLAG.finishedClient | FLAG.finishedBackend), 'closed');
  for (const end of [FLAG.resetClient, FLAG.resetBackend, FLAG.aborted])
    assert.equal(name(ESTABLISHED | end), 'closed');
});

test('a clock that is a moment ahead makes no age of weeks', () => {
  const now = tickNow();
  const bytes = connectionBytes({ createdMsAgo: -20 });
  assert.equal(decodeConnection(bytes, now).ageMs, 0);
});
