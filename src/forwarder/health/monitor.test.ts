import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { waitUntil } from '../../lab/wait.js';
import type { ProbeSettings } from '../settings.js';
import type { Checked } from './checker.js';
import { type HealthChange, HealthMonitor, type WatchedService } from './monitor.js';
import { FAILURES_IN_A_ROW } from './passive.js';

const TCP: ProbeSettings = {
  type: 'tcp',
  interval: 20,
  timeout: 5_000,
  rise: 2,
  fall: 2,
  path: '/',
  expect: [],
};
const NOTHING_COUNTED = { established: 0n, unanswered: 0n, refused: 0n };

function serviceAt(port: number, rest: Partial<WatchedService> = {}, up?: boolean): WatchedService {
  const backends = [{ number: 7, target: { address: '127.0.0.1', port }, up }];
  return { number: 1, health: TCP, backends, ...rest };
}

/** A monitor, what it has told, and what it believes the program to have counted. */
function monitoring() {
  const told: HealthChange[] = [];
  const checked: Checked[] = [];
  const counted = { now: NOTHING_COUNTED };
  const monitor = new HealthMonitor(
    () => counted.now,
    (change) => told.push(change),
    (check) => checked.push(check),
  );
  return { monitor, told, checked, counted, [Symbol.dispose]: () => monitor[Symbol.dispose]() };
}

async function listen(port = 0): Promise<{ server: Server; port: number } & Disposable> {
  const server = createServer((socket) => socket.on('error', () => {}));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const bound = server.address() as { port: number };
  return { server, port: bound.port, [Symbol.dispose]: () => void server.close() };
}

test('a backend that dies and returns goes down and comes up, and that is told once each', async () => {
  using its = monitoring();
  const { monitor, told } = its;
  const first = await listen();
  monitor.watch([serviceAt(first.port)]);
  first[Symbol.dispose]();
  await waitUntil('the backend to go down', () => told.length === 1);
  assert.deepEqual(told[0], { service: 1, backend: 7, up: false, why: 'connection refused' });
  assert.equal(monitor.detail(7).failure, 'connection refused');
  assert.ok(monitor.detail(7).since instanceof Date);
  using _second = await listen(first.port);
  await waitUntil('the backend to come up', () => told.length === 2);
  assert.deepEqual(told[1], { service: 1, backend: 7, up: true, why: 'it answers' });
  assert.equal(monitor.detail(7).failure, undefined);
  const outcomes = new Set(its.checked.map(({ backend, failure }) => `${backend} ${failure}`));
  assert.deepEqual([...outcomes], ['7 connection refused', '7 undefined']);
  assert.ok(its.checked.every(({ seconds }) => seconds > 0));
});

test('new settings begin with what is known', async () => {
  using its = monitoring();
  const { monitor, told } = its;
  using backend = await listen();
  monitor.watch([serviceAt(backend.port, {}, false)]);
  await waitUntil('the backend to come up', () => told.length === 1);
  const { since } = monitor.detail(7);
  monitor.watch([serviceAt(backend.port, { health: { ...TCP, rise: 9 } }, false)]);
  assert.equal(monitor.detail(7).since, since);
  monitor.watch([serviceAt(backend.port + 1, {}, undefined)]);
  assert.equal(monitor.detail(7).since, undefined, 'another backend has this number now');
});

test('without checks a backend counts as up', () => {
  using its = monitoring();
  its.monitor.watch([serviceAt(1, { health: { type: 'none' } }, false)]);
  assert.deepEqual(its.told, [{ service: 1, backend: 7, up: true, why: 'it is not checked any more' }]);
});

test('connections that a backend refuses take it down before its checks do, if it has any', async () => {
  for (const health of [{ ...TCP, interval: 60_000 }, { type: 'none' } as const]) {
    using its = monitoring();
    const { monitor, told, counted } = its;
    using backend = await listen();
    monitor.watch([serviceAt(backend.port, { health }, true)]);
    counted.now = { established: 9n, unanswered: 0n, refused: 0n };
    monitor.lookAtConnections();
    counted.now = { established: 9n, unanswered: 0n, refused: BigInt(FAILURES_IN_A_ROW) };
    monitor.lookAtConnections();
    const why = `${FAILURES_IN_A_ROW} connections in a row refused`;
    const expected = health.type === 'none' ? [] : [{ service: 1, backend: 7, up: false, why }];
    assert.deepEqual(told, expected);
  }
});

test('connections that stay without an answer have a backend checked at once, and that decides alone', async () => {
  using its = monitoring();
  const { monitor, told, checked, counted } = its;
  const unanswered = () => {
    counted.now = { ...counted.now, unanswered: counted.now.unanswered + BigInt(FAILURES_IN_A_ROW) };
    monitor.lookAtConnections();
  };
  const backend = await listen();
  monitor.watch([serviceAt(backend.port, { health: { ...TCP, interval: 60_000, fall: 9 } }, true)]);
  await waitUntil('its first check', () => checked.length === 1);
  unanswered();
  await waitUntil('a check at once', () => checked.length === 2);
  assert.deepEqual(told, [], 'it is well, whatever its clients sent');
  backend[Symbol.dispose]();
  unanswered();
  await waitUntil('the backend to go down', () => told.length === 1);
  assert.deepEqual(told[0], { service: 1, backend: 7, up: false, why: 'connection refused' });
});
