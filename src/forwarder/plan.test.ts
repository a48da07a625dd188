import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCidr, parseEndpoint } from '../wire/index.js';
import { addressKey, listenerKey, upstreamKey } from './keys.js';
import { ADDRESS_FLAGS, BACKEND_FLAGS, LIMITS, SERVICE_FLAGS } from './layout.js';
import { type Current, planTarget, RoomError, type Target } from './plan.js';
import type { ServiceSettings } from './settings.js';
import { backend, someService, someSettings } from './settings.test.helper.js';

const NOTHING: Current = { services: [], backends: [], locals: [], egresses: [] };
const { used, up, draining, removed } = BACKEND_FLAGS;

const other = parseEndpoint('[2001:db8::10]:80');

function plan(services: readonly ServiceSettings[], current = NOTHING): Target {
  return planTarget(someSettings({ services }), [], current);
}

/** What maps hold that were made to hold a target. */
function after({ services, backends, closed, removed: gone }: Target): Current {
  return {
    ...NOTHING,
    services: [...services, ...closed.map((entry) => ({ ...entry, flags: 0 }))],
    backends: [...backends, ...gone.map((entry) => ({ ...entry, flags: entry.flags | removed }))],
  };
}

const told = ({ backends }: Target): [number, number, string, number, number][] =>
  backends.map(({ number, service, endpoint, weight, flags }) => [
    number,
    service,
    endpoint.address,
    weight,
    flags,
  ]);

test('settings become entries', () => {
  const target = plan([
    someService({ trustUpstream: [parseCidr('192.0.2.0/24')], whenAllDown: 'drop', timestamps: 'strip' }),
    someService({ name: 'other', listen: other, toa: { kind4: 200, on: ['ack'], onMissing: 'reset' } }),
  ]);
  const [web, second] = target.services;
  assert.deepEqual(
    [web!.number, web!.name, web!.kind4, web!.kind6, web!.tagOn, web!.flags],
    [1, 'web', 254, 254, 7, SERVICE_FLAGS.open | SERVICE_FLAGS.stripTimestamps | SERVICE_FLAGS.upstreams],
  );
  assert.deepEqual(
    [second!.number, second!.kind4, second!.kind6, second!.tagOn, second!.flags],
    [2, 200, 0, 2, SERVICE_FLAGS.open | SERVICE_FLAGS.missingReset | SERVICE_FLAGS.downReset],
  );
  // 10 s, 10 s, 15 min, 2 min, 1 min in steps of 2^20 ns.
  assert.deepEqual(web!.timeouts, [0, 9537, 9537, 858_307, 114_441, 57_220]);
  assert.deepEqual(
    target.listeners,
    new Map([
      [listenerKey(web!.listen), 1],
      [listenerKey(other), 2],
    ]),
  );
  assert.deepEqual(target.upstreams, new Set([upstreamKey(1, parseCidr('192.0.2.0/24'))]));
  assert.deepEqual(target.locals4, ['10.0.0.10']);
  assert.deepEqual(target.locals6, []);
});

test('one address can be a service’s and a local one', () => {
  const target = planTarget(someSettings({ localAddresses: ['198.51.100.10', '10.0.0.10'] }), [], NOTHING);
  assert.deepEqual(
    target.addresses,
    new Map([
      [addressKey('198.51.100.10'), ADDRESS_FLAGS.service | ADDRESS_FLAGS.local],
      [addressKey('10.0.0.10'), ADDRESS_FLAGS.local],
    ]),
  );
});

test('numbers stay with what is there, whatever comes before it in the configuration', () => {
  const web = someService({ backends: [backend('10.0.0.1:80'), backend('10.0.0.2:80')] });
  const first = plan([web]);
  assert.deepEqual(told(first), [
    [1, 1, '10.0.0.1', 1, used | up],
    [2, 1, '10.0.0.2', 1, used | up],
  ]);
  const backends = [backend('10.0.0.3:80'), backend('10.0.0.2:80', 7), backend('10.0.0.1:80')];
  const second = plan(
    [someService({ name: 'new', listen: other }), { ...web, name: 'renamed', backends }],
    after(first),
  );
  assert.deepEqual(
    second.services.map(({ number, name }) => [number, name]),
    [
      [2, 'new'],
      [1, 'renamed'],
    ],
  );
  assert.deepEqual(told(second), [
    [3, 2, '10.0.1.11', 1, used | up],
    [4, 1, '10.0.0.3', 1, used | up],
    [2, 1, '10.0.0.2', 7, used | up],
    [1, 1, '10.0.0.1', 1, used | up],
  ]);
  assert.deepEqual([second.closed, second.removed], [[], []]);
});

test('the same backend of two services is two', () => {
  const target = plan([someService(), someService({ name: 'other', listen: other })]);
  assert.deepEqual(
    target.backends.map(({ number, service }) => [number, service]),
    [
      [1, 1],
      [2, 2],
    ],
  );
});

test('what is removed keeps its number until it is gone, and is the same again if it comes back before', () => {
  const first = plan([someService({ backends: [backend('10.0.0.1:80'), backend('10.0.0.2:80')] })]);
  const second = plan([someService({ listen: other, backends: [backend('10.0.0.2:80')] })], after(first));
  assert.deepEqual(
    second.closed.map(({ number }) => number),
    [1],
  );
  assert.deepEqual(
    second.removed.map(({ number }) => number),
    [1, 2],
  );
  assert.deepEqual(told(second), [[3, 2, '10.0.0.2', 1, used | up]]);
  const third = plan([someService({ backends: [backend('10.0.0.2:80', 5)] })], after(second));
  assert.deepEqual(told(third), [[2, 1, '10.0.0.2', 5, used | up]]);
  assert.deepEqual(
    third.closed.map(({ number }) => number),
    [2],
  );
});

test('health and draining outlive a change; a backend that comes back is not drained any more', () => {
  const two = someService({
    health: { type: 'tcp', interval: 1, timeout: 1, rise: 1, fall: 1, path: '/', expect: [] },
    backends: [backend('10.0.0.1:80'), backend('10.0.0.2:80')],
  });
  const marked = after(plan([two]));
  const current = {
    ...marked,
    backends: marked.backends.map((entry, at) => ({
      ...entry,
      flags: at === 0 ? used : used | up | draining,
    })),
  };
  assert.deepEqual(
    told(plan([two], current)).map(([number, , , , flags]) => [number, flags]),
    [
      [1, used],
      [2, used | up | draining],
    ],
  );
  const gone = after(plan([{ ...two, backends: two.backends.slice(0, 1) }], current));
  assert.deepEqual(
    told(plan([two], gone)).map(([number, , , , flags]) => [number, flags]),
    [
      [1, used],
      [2, used | up],
    ],
  );
  // Without health checks, nobody could ever say that it is up again.
  const unchecked = plan([{ ...two, health: { type: 'none' } }], current);
  assert.deepEqual(
    told(unchecked).map(([, , , , flags]) => flags),
    [used | up, used | up | draining],
  );
});

test('numbers come to an end', () => {
  const lingering = Array.from({ length: LIMITS.servicesMax - 2 }, (_, at) => ({
    ...plan([someService()]).services[0]!,
    number: at + 1,
    listen: { address: '192.0.2.1', port: at + 1 },
    flags: 0,
  }));
  const current = { ...NOTHING, services: lingering };
  assert.deepEqual(plan([someService()], current).services[0]!.number, LIMITS.servicesMax - 1);
  assert.throws(
    () => plan([someService(), someService({ listen: other })], current),
    (error) => error instanceof RoomError && /no room for more services/.test(error.message),
  );
});
