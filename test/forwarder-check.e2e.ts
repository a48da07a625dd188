import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forwarderCheckShape, forwarderDetachShape } from '../src/cli/json-shapes/index.js';
import type { Host } from '../src/lab/host.js';
import { createLab, type Lab } from '../src/lab/lab.js';
import type { Result } from '../src/lab/run.js';
import { BINARY } from './support/cli.js';
import { after, before, beforeEach, test } from './support/forwarder/test.js';

let lab: Lab;
let host: Host;
let file: string;

before(async () => {
  lab = await createLab({
    hosts: {
      client: {},
      forwarder: {
        sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' },
        routes: ['local 198.51.100.0/24 dev lo', '10.3.0.0/16 via 10.2.0.2', 'unreachable 10.9.0.0/16'],
      },
      backend: {},
      elsewhere: {},
    },
    links: [
      { between: ['forwarder', 'client'], ipv4: ['10.1.0.1/24', '10.1.0.2/24'], offload: { gro: true } },
      {
        between: ['forwarder', 'backend'],
        ipv4: ['10.2.0.1/24', '10.2.0.2/24'],
        ipv6: ['fd00:2::1/64', 'fd00:2::2/64'],
        offload: { gro: true },
      },
      { between: ['forwarder', 'elsewhere'], ipv4: ['10.4.0.1/24', '10.4.0.2/24'] },
    ],
  });
  host = lab.host('forwarder');
  file = join(host.dir, 'truepeer.yaml');
});
beforeEach(() => configure());
after(() => lab[Symbol.asyncDispose]());

/** Lines of a configuration that fits this host. */
const GOOD = {
  interfaces: 'interfaces: [eth0, eth1]',
  localAddresses: 'localAddresses: [10.2.0.1, "fd00:2::1"]',
  capacity: 'capacity: 10000',
  listen: 'listen: 198.51.100.10:443',
  backends: 'backends: [{ address: 10.2.0.2:80 }, { address: 10.3.0.7:80 }]',
};

async function configure(changes: Partial<typeof GOOD> = {}): Promise<void> {
  const { interfaces, localAddresses, capacity, listen, backends } = { ...GOOD, ...changes };
  const lines = [
    interfaces,
    localAddresses,
    capacity,
    'services:',
    '  - name: web',
    `    ${listen}`,
    `    ${backends}`,
  ];
  await writeFile(file, `forwarder:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

function truepeer(...args: readonly string[]): Promise<Result> {
  return host.run(process.execPath, [BINARY, 'forwarder', ...args], { check: false });
}

/** What is printed, without the file's name, and the exit status. */
async function check(): Promise<[number | null, string[]]> {
  const { status, stdout, stderr } = await truepeer('check', file);
  const lines = `${stdout}${stderr}`.trimEnd().split('\n');
  return [status, lines.map((line) => line.replace(`truepeer: ${file}:`, '').replace(`${file}:`, ''))];
}

test('a configuration that fits is good, and says what it comes to', async () => {
  assert.deepEqual(await check(), [
    0,
    [' good, 1 service with 2 backends; room for 10,000 connections takes about 80 MB of memory'],
  ]);
});

test('what is wrong on this host is told with its place, and what to do', async () => {
  const cases = [
    [
      { interfaces: 'interfaces: [eth0, eth1, eth7]' },
      '2:28: there is no interface eth7: there are eth0, eth1, eth2',
    ],
    [
      { localAddresses: 'localAddresses: [10.2.0.1, 10.2.0.9]' },
      '3:30: 10.2.0.9 is no address of this host, so that answers to it would go astray: `ip addr add 10.2.0.9/32 dev eth0`',
    ],
    [
      { backends: 'backends: [{ address: 10.9.0.1:80 }]' },
      '8:29: there is no route to 10.9.0.1: `ip route get 10.9.0.1` must find one',
    ],
    [
      { backends: 'backends: [{ address: 10.1.0.1:80 }]' },
      '8:29: 10.1.0.1 is this host itself: a forwarder sends to other hosts',
    ],
    [
      { backends: 'backends: [{ address: 10.4.0.2:80 }]' },
      "8:29: 10.4.0.2 is reached by eth2, which is none of the forwarder's: add it to interfaces, or change the route (`ip route get 10.4.0.2`)",
    ],
    [
      { backends: 'backends: [{ address: "[fd00:2::2]:80" }]' },
      '8:29: backend [fd00:2::2]:80 has an IPv6 address, and service web listens on IPv4: only IPv6 clients can be sent to both families; give the backend an IPv4 address',
    ],
    [{ capacity: 'capacity: 1000000' }, undefined],
    [
      { capacity: 'capacity: 2000000' },
      '4:13: the local addresses and backends have ports for 128000 connections at once, and capacity is 2000000: add 15 local addresses, or write `capacity: 128000`',
    ],
  ] as const;
  for (const [changes, problem] of cases) {
    await configure(changes);
    const [status, lines] = await check();
    if (problem === undefined) assert.equal(status, 0);
    else assert.deepEqual([status, lines], [1, [problem]]);
  }
});

test('IPv6 clients can be sent to both families', async () => {
  await configure({
    listen: 'listen: "[2001:db8::10]:443"',
    backends: 'backends: [{ address: "[fd00:2::2]:80" }, { address: 10.2.0.2:80 }]',
  });
  const [status, [warning, good]] = await check();
  assert.equal(status, 0);
  assert.match(warning!, /^7:15: warning: 2001:db8::10 is no address of this host: right for a standby/);
  assert.match(good!, /^ good/);
});

test('a service that another program listens on', async () => {
  const address = '198.51.100.10';
  await using server = host.node('-e', [
    `require('node:net').createServer().listen(443, '${address}', () => console.log('listening'))`,
  ]);
  await server.waitForLine(/^listening$/);
  const [status, lines] = await check();
  assert.deepEqual(
    [status, lines],
    [
      1,
      [
        '7:15: another program listens on 198.51.100.10:443, and would lose its clients: stop it (`ss -ltnp` tells which), or take another address',
      ],
    ],
  );
});

test('a kernel that does not forward', async () => {
  await host.run('sysctl', ['-w', 'net.ipv4.ip_forward=0']);
  try {
    const [status, lines] = await check();
    assert.equal(status, 1);
    assert.deepEqual(
      lines.map((line) => line.replace(/^(\d+:\d+).* from (\w+), .*`(.*)`$/, '$1 $2 $3')),
      ['2:16 eth0 sysctl -w net.ipv4.ip_forward=1', '2:22 eth1 sysctl -w net.ipv4.ip_forward=1'],
    );
  } finally {
    await host.run('sysctl', ['-w', 'net.ipv4.ip_forward=1']);
  }
});

test('as JSON', async () => {
  const jsonOf = async () => {
    const { status, stdout, stderr } = await truepeer('check', file, '--json');
    assert.equal(stderr, '');
    return [status, forwarderCheckShape.parse(JSON.parse(stdout))] as const;
  };
  const [good, { ok, problems, services, backends, capacity }] = await jsonOf();
  assert.deepEqual([good, ok, problems, services, backends, capacity], [0, true, [], 1, 2, 10_000]);

  await configure({ capacity: 'capacity: many' });
  const [bad, answer] = await jsonOf();
  assert.deepEqual(
    [bad, answer],
    [
      1,
      {
        file,
        ok: false,
        problems: [
          {
            severity: 'error',
            line: 4,
            column: 13,
            message: '"many": write a whole number from 1 to 10000000',
          },
        ],
      },
    ],
  );
});

test('what cannot be checked at all', async () => {
  await writeFile(file, 'receiver: { trust: any }\n');
  const { status, stderr } = await truepeer('check', file);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^truepeer: .*truepeer\.yaml has no section `forwarder:`: docs\/configuration\.md tells/,
  );
  const missing = await truepeer('check', join(host.dir, 'none.yaml'));
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^truepeer: cannot read the configuration .*no such file or directory/);
});

test('detach, where nothing is attached', async () => {
  const { status, stdout } = await truepeer('detach');
  assert.deepEqual([status, stdout], [0, 'nothing to detach: no forwarder is attached\n']);
  const json = await truepeer('detach', '--json');
  assert.deepEqual(forwarderDetachShape.parse(JSON.parse(json.stdout)), { detached: false });
});
