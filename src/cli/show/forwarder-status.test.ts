import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendStatus } from '../../forwarder/service-status.js';
import type { AttachedForwarder } from '../../forwarder/status.js';
import { PLAIN } from '../style.js';
import { forwarderStatusCode, showForwarderStatus } from './forwarder-status.js';

const SINCE = new Date(2026, 10, 22, 18, 43, 2);
const NOW = new Date(SINCE.getTime() + 3_600_000);

function backend(port: number, rest: Partial<BackendStatus> = {}): BackendStatus {
  return {
    address: { address: '10.0.1.11', port },
    weight: 1,
    up: true,
    draining: false,
    removed: false,
    connections: 7,
    opened: 1_234n,
    established: 1_230n,
    unanswered: 0n,
    refused: 4n,
    ...rest,
  };
}

const STATUS: AttachedForwarder = {
  attached: true,
  problems: [],
  since: SINCE,
  changed: SINCE,
  interfaces: [{ name: 'eth0', mode: 'native', programId: 12, linkId: 3, loadedAt: SINCE }],
  daemon: { pid: 4711, since: SINCE },
  localAddresses: ['10.0.0.10', 'fd00::10'],
  capacity: 1_000_000,
  connections: { live: 14, closed: 3 },
  services: [
    {
      name: 'web',
      listen: { address: '198.51.100.10', port: 443 },
      scheduler: 'maglev',
      open: true,
      ipv4: '254/8',
      on: ['syn', 'ack', 'data'],
      onMissing: 'forward',
      timestamps: 'keep',
      whenAllDown: 'reset',
      connections: 14,
      backends: [
        backend(1, { weight: 2 }),
        backend(2, { up: false, failure: 'connection refused', since: new Date(NOW.getTime() - 65_000) }),
        backend(3, { draining: true }),
        backend(4, { removed: true }),
      ],
    },
  ],
};

test('all there is to know about an attached forwarder', () => {
  assert.deepEqual(showForwarderStatus(STATUS, PLAIN, NOW), [
    'forwarder    attached',
    'daemon       process 4711, since 2026-11-22 18:43:02 (1 h 00 min ago)',
    'attached     2026-11-22 18:43:02 (1 h 00 min ago)',
    'changed      2026-11-22 18:43:02 (1 h 00 min ago)',
    'interfaces   eth0 (native, program 12, link 3)',
    'local        10.0.0.10 and fd00::10',
    'connections  14 of 1,000,000 (<0.1 %), and 3 closed ones that keep their port for a while',
    '',
    'web  198.51.100.10:443; maglev; 254/8 for IPv4 clients on syn, ack, data; 2 of 3 backends up; 14 connections',
    '  BACKEND      WEIGHT  STATE                                     CONNECTIONS  OPENED  FAILED',
    '  10.0.1.11:1       2  up                                                  7   1,234       4',
    '  10.0.1.11:2       1  down for 1 min 05 s (connection refused)            7   1,234       4',
    '  10.0.1.11:3       1  up draining                                         7   1,234       4',
    '  10.0.1.11:4       1  removed                                             7   1,234       4',
  ]);
  assert.equal(forwarderStatusCode(STATUS), 0);
});

test('one closed connection is one', () => {
  const status = { ...STATUS, connections: { live: 14, closed: 1 } };
  assert.match(showForwarderStatus(status, PLAIN, NOW).join('\n'), / and 1 closed one that keeps its port /);
});

test('problems come first, and change the exit status', () => {
  const { daemon: _, ...rest } = STATUS;
  const status = { ...rest, problems: ['no daemon is running'] };
  assert.deepEqual(showForwarderStatus(status, PLAIN, NOW).slice(0, 3), [
    'forwarder    attached, with 1 problem',
    'problem      no daemon is running',
    'daemon       none that answers',
  ]);
  assert.equal(forwarderStatusCode(status), 2);
});

test('of a thousand backends those that are ill are shown, and a few of the others', () => {
  const ill = backend(999, { up: false });
  const backends = [...Array.from({ length: 998 }, (_, n) => backend(n + 1)), ill];
  const status = { ...STATUS, services: [{ ...STATUS.services[0]!, backends }] };
  const lines = showForwarderStatus(status, PLAIN, NOW);
  assert.match(lines.at(-2)!, /10\.0\.1\.11:999 .*down/);
  assert.equal(lines.at(-1), '  and 978 more that are up: --json has them all');
  assert.equal(lines.filter((line) => line.includes('10.0.1.11:')).length, 21);
});

test('nothing attached', () => {
  assert.deepEqual(showForwarderStatus({ attached: false }, PLAIN), [
    'not attached',
    'start a forwarder with: truepeer forwarder run --config FILE',
  ]);
  assert.equal(forwarderStatusCode({ attached: false }), 1);
});
