import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toRoutes } from './default-routes.js';

test('a default route leads to its gateways, of whichever family, or to none', () => {
  const routes = toRoutes([
    { dev: 'eth0', gateway: '10.0.0.1' },
    { dev: 'eth0', via: { host: 'fe80::1' } },
    { dev: 'tun0' },
    {
      nexthops: [
        { dev: 'eth1', gateway: '10.1.0.1' },
        { dev: 'eth2', gateway: '10.2.0.1' },
      ],
    },
  ]);
  assert.deepEqual(
    routes.map(({ device, gateway }) => [device, gateway]),
    [
      ['eth0', '10.0.0.1'],
      ['eth0', 'fe80::1'],
      ['eth1', '10.1.0.1'],
      ['eth2', '10.2.0.1'],
    ],
  );
});
