import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpoint } from '../wire/index.js';
import { checkSettings } from './check-settings.js';
import type { ForwarderSettings } from './settings.js';
import { backend, someService, someSettings } from './settings.test.helper.js';

/** Problems as `error services.0.listen: message`. */
function problemsIn(changes: Partial<ForwarderSettings>): string[] {
  return checkSettings(someSettings(changes)).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

const V6 = { listen: parseEndpoint('[2001:db8::10]:443') };

test('nothing is wrong with settings that fit together', () => {
  assert.deepEqual(problemsIn({}), []);
  const localAddresses = ['10.0.0.10', '2001:db8:1::10'];
  const nat64 = someService({ ...V6, backends: [backend('10.0.1.11:80'), backend('[2001:db8:1::11]:80')] });
  assert.deepEqual(problemsIn({ localAddresses, services: [nat64] }), []);
});

test('what stands there twice', () => {
  const other = parseEndpoint('198.51.100.10:80');
  assert.deepEqual(
    problemsIn({
      interfaces: ['eth0', 'eth1', 'eth0'],
      localAddresses: ['10.0.0.10', '10.0.0.10'],
      services: [
        someService({ backends: [backend('10.0.1.11:80'), backend('10.0.1.11:80', 2)] }),
        someService({ name: 'other' }),
        someService({ listen: other }),
      ],
    }),
    [
      'error interfaces.2: eth0 stands here twice: leave one out',
      'error localAddresses.1: 10.0.0.10 stands here twice: leave one out',
      'error services.2.name: web stands here twice: leave one out',
      'error services.1.listen: 198.51.100.10:443 stands here twice: leave one out',
      'error services.0.backends.1.address: 10.0.1.11:80 stands here twice: leave one out',
    ],
  );
});

test('metrics where a service listens', () => {
  assert.deepEqual(problemsIn({ metrics: parseEndpoint('198.51.100.10:443') }), [
    'error metrics: 198.51.100.10:443 is where service web listens: take another port',
  ]);
  assert.deepEqual(problemsIn({ metrics: parseEndpoint('198.51.100.10:9469') }), []);
});

test('families that cannot meet', () => {
  const mixed = someService({ backends: [backend('10.0.1.11:80'), backend('[2001:db8:1::11]:80')] });
  assert.deepEqual(problemsIn({ localAddresses: ['10.0.0.10', '2001:db8:1::10'], services: [mixed] }), [
    'error services.0.backends.1.address: backend [2001:db8:1::11]:80 has an IPv6 address, and service web listens on ' +
      'IPv4: only IPv6 clients can be sent to both families; give the backend an IPv4 address',
  ]);
  const pure = someService({ ...V6, backends: [backend('[2001:db8:1::11]:80')] });
  assert.deepEqual(problemsIn({ services: [pure] }), [
    'error localAddresses: no local address is IPv6, and backends of service web are: add one that they can answer',
  ]);
});

test('a backend that is the forwarder itself', () => {
  const services = [
    someService(),
    someService({ name: 'loop', ...V6, backends: [backend('198.51.100.10:443')] }),
  ];
  assert.deepEqual(problemsIn({ services }), [
    'error services.1.backends.0.address: backend 198.51.100.10:443 is a service of this forwarder: name the host ' +
      'behind it',
  ]);
});

test('what may not be meant is a warning', () => {
  const idle = someService({ backends: [backend('10.0.1.11:80', 0)] });
  assert.deepEqual(problemsIn({ services: [idle] }), [
    'warning services.0.backends: no backend of service web has a weight above 0: it takes no connections',
  ]);
  const { toa } = someService();
  const tencent = someService({ ...V6, toa: { kind4: 200, on: toa.on, onMissing: 'reset' } });
  assert.deepEqual(problemsIn({ services: [tencent] }), [
    'warning services.0.toa: no option is set for IPv6 clients, which service web listens for: their connections are ' +
      'reset',
  ]);
});

test('more than there is room for', () => {
  const services = Array.from({ length: 128 }, (_, at) =>
    someService({ name: `s${at}`, listen: { address: '198.51.100.10', port: at + 1 } }),
  );
  assert.deepEqual(problemsIn({ services }), ['error services: 128 services: there is room for 127']);
  const localAddresses = Array.from({ length: 65 }, (_, at) => `10.0.0.${at}`);
  assert.deepEqual(problemsIn({ localAddresses }), [
    'error localAddresses: 65 local addresses of IPv4: there is room for 64',
  ]);
});

test('a capacity that ports cannot reach says how many local addresses it would take', () => {
  const two = [someService({ backends: [backend('10.0.1.11:80'), backend('10.0.1.12:80')] })];
  assert.deepEqual(problemsIn({ capacity: 128_000, services: two }), []);
  assert.deepEqual(problemsIn({ capacity: 128_001, services: two }), [
    'error capacity: the local addresses and backends have ports for 128000 connections at once, and capacity is ' +
      '128001: add 1 local address, or write `capacity: 128000`',
  ]);
  // Nobody asked for the default.
  assert.match(
    problemsIn({ capacity: 1_000_000, services: two }).join(),
    /^warning capacity: .*: add 7 local addresses, or write `capacity: 128000`$/,
  );
  // There is no room for as many local addresses as it would take.
  const one = [someService({ backends: [backend('10.0.1.11:80')] })];
  assert.match(
    problemsIn({ capacity: 10_000_000, services: one }).join(),
    /^error capacity: .* capacity is 10000000: write `capacity: 64000`$/,
  );
  // A backend of two services has its ports but once.
  const shared = [...two, someService({ name: 'again', ...V6, backends: two[0]!.backends })];
  assert.match(problemsIn({ capacity: 200_000, services: shared }).join(), /^error capacity: .*128000/);
});
