import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, type Subject } from './problems.js';
import type { BackendStatus, ServiceStatus } from './service-status.js';

const BACKEND: BackendStatus = {
  address: { address: '10.0.1.11', port: 80 },
  weight: 1,
  up: true,
  draining: false,
  removed: false,
  connections: 0,
  opened: 0n,
  established: 0n,
  unanswered: 0n,
  refused: 0n,
};

function serviceWith(...backends: readonly Partial<BackendStatus>[]): ServiceStatus {
  return {
    name: 'web',
    listen: { address: '198.51.100.10', port: 80 },
    scheduler: 'maglev',
    open: true,
    on: ['syn'],
    onMissing: 'forward',
    timestamps: 'keep',
    whenAllDown: 'reset',
    connections: 0,
    backends: backends.map((rest) => ({ ...BACKEND, ...rest })),
  };
}

const NATIVE = { name: 'eth0', mode: 'native', programId: 1, linkId: 1, loadedAt: new Date() } as const;
const WELL: Subject = {
  interfaces: [NATIVE],
  services: [serviceWith({})],
  strayAddresses: [],
  isForwarding: (family) => family === 4,
  deaf: [],
  hidden: [],
  complaint: '',
  daemon: 'answers',
};

test('a forwarder that is well has no problems', () => {
  assert.deepEqual(problemsOf(WELL), []);
});

test('each problem is told with its remedy', () => {
  const told = (subject: Partial<Subject>) => problemsOf({ ...WELL, ...subject }).join('\n');
  assert.match(
    told({ daemon: 'absent' }),
    /^no daemon is running: .*`truepeer forwarder run --config FILE`$/,
  );
  assert.match(told({ daemon: 'silent' }), /^the daemon does not answer: .* start it anew/);
  assert.match(
    told({ interfaces: [{ ...NATIVE, mode: 'gone' }] }),
    /^interface eth0 is gone.*anew: the daemon/,
  );
  assert.match(
    told({ isForwarding: () => false }),
    /^the kernel does not forward IPv4 from eth0.*`sysctl -w net\.ipv4\.ip_forward=1`$/,
  );
  assert.match(
    told({ deaf: [{ name: 'eth0', isVeth: true }] }),
    /^nothing that is forwarded leaves by eth0.*`ethtool -K PEER gro on`/,
  );
  assert.match(told({ unsummed: ['eth0'] }), /^connections are dropped.*`ethtool -K PEER tx off`.* eth0$/);
  assert.match(
    told({ hidden: [{ name: 'eth0', vlans: ['eth0.7'] }] }),
    /^what comes by eth0\.7 looks .*`ethtool -K eth0 rxvlan off`$/,
  );
  assert.match(told({ complaint: 'no eth0' }), /^this host has changed.* any more: no eth0$/);
  assert.match(told({ strayAddresses: ['10.0.0.10'] }), /^local address 10\.0\.0\.10 .*`ip addr add`$/);
});

test('a service is down without a backend that takes new connections', () => {
  const told = (...backends: readonly Partial<BackendStatus>[]) =>
    problemsOf({ ...WELL, services: [serviceWith(...backends)] });
  for (const ill of [{ up: false }, { draining: true }, { removed: true }, { weight: 0 }]) {
    assert.deepEqual(told(ill), ['service web: no backend takes new connections']);
    assert.deepEqual(told(ill, {}), []);
  }
});
