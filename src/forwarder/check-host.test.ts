import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpoint } from '../wire/index.js';
import { checkHost } from './check-host.js';
import { egressesOf } from './egresses-of.js';
import { type HostFacts, type Link, toInterface } from './host.js';
import type { Route } from './routes.js';
import type { ForwarderSettings } from './settings.js';
import { backend, someService, someSettings } from './settings.test.helper.js';
import { sizesFor } from './sizes.js';

/** As `ip -json -details link show` tells them. */
const LINKS: readonly Link[] = [
  { ifname: 'lo', ifindex: 1, flags: ['LOOPBACK', 'UP'], address: '00:00:00:00:00:00' },
  { ifname: 'eth0', ifindex: 2, flags: ['BROADCAST', 'UP'], address: '02:00:00:00:00:02' },
  { ifname: 'eth1', ifindex: 3, flags: ['BROADCAST'], address: '02:00:00:00:00:03' },
  {
    ifname: 'eth0.100',
    ifindex: 4,
    flags: ['BROADCAST', 'UP'],
    address: '02:00:00:00:00:02',
    link: 'eth0',
    linkinfo: { info_kind: 'vlan', info_data: { id: 100, protocol: '802.1Q' } },
  },
  {
    ifname: 'veth9',
    ifindex: 9,
    flags: ['BROADCAST', 'UP'],
    address: '02:00:00:00:00:09',
    link: 'peer',
    linkinfo: { info_kind: 'veth' },
  },
];
const INTERFACES = LINKS.map(toInterface);

const LOCAL = { isLocal: true, device: 'lo' };

/** A host that the settings fit, but for what is given. */
function hostWith(
  changes: Partial<HostFacts> = {},
  routes: Record<string, Omit<Route, 'destination'> | undefined> = {},
): HostFacts {
  const all = {
    '10.0.0.10': LOCAL,
    '198.51.100.10': LOCAL,
    '10.0.1.11': { isLocal: false, device: 'eth0' },
    ...routes,
  };
  return {
    interfaces: INTERFACES,
    routes: new Map(
      Object.entries(all).flatMap(([destination, route]) =>
        route === undefined ? [] : [[destination, { destination, ...route }]],
      ),
    ),
    listening: [parseEndpoint('0.0.0.0:22'), parseEndpoint('10.0.0.1:443')],
    defaultRoutes: [],
    isForwarding: () => true,
    takesRedirects: () => true,
    takesOffVlanTags: () => false,
    attached: { interfaces: new Set() },
    ...changes,
  };
}

function problemsOn(host: HostFacts, changes: Partial<ForwarderSettings> = {}): string[] {
  return checkHost(someSettings(changes), host).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

test('nothing is wrong on a host that fits', () => {
  assert.deepEqual(problemsOn(hostWith()), []);
  assert.deepEqual(
    problemsOn(hostWith({}, { '10.0.1.11': { isLocal: false, device: 'eth0.100' } })),
    [],
    'by a VLAN',
  );
});

test('a veth whose other end takes no frames is worth knowing, but in generic mode', () => {
  const route = { '10.0.1.11': { isLocal: false, device: 'veth9' } };
  const host = hostWith({ takesRedirects: () => false }, route);
  const interfaces = ['eth0', 'veth9'];
  assert.match(
    problemsOn(host, { interfaces }).join('\n'),
    /^warning interfaces\.1: nothing that is forwarded leaves by veth9: .*`ethtool -K PEER gro on` only/,
  );
  assert.deepEqual(problemsOn(host, { interfaces, generic: true }), []);
  assert.deepEqual(problemsOn({ ...host, takesRedirects: () => undefined }, { interfaces }), []);
});

test('a card that takes VLAN tags off is worth knowing where there are VLANs', () => {
  const host = hostWith({ takesOffVlanTags: () => true });
  assert.deepEqual(problemsOn(host), [
    'warning interfaces.0: what comes by eth0.100 looks as if it came by eth0, which takes the VLAN tags off before the ' +
      'forwarder sees them: `ethtool -K eth0 rxvlan off`',
  ]);
  const without = INTERFACES.filter(({ vlan }) => vlan === undefined);
  assert.deepEqual(problemsOn({ ...host, interfaces: without }), []);
  const veth = INTERFACES.map((one) => (one.name === 'eth0' ? { ...one, isVeth: true } : one));
  assert.deepEqual(problemsOn({ ...host, interfaces: veth }), [], 'its other end leaves them in, or not');
});

test('interfaces that are not there, cannot be meant, or are taken', () => {
  const names = ['eth7', 'lo', 'eth0.100', 'eth1'];
  assert.deepEqual(
    problemsOn(hostWith({}, { '10.0.1.11': { isLocal: false, device: 'eth1' } }), { interfaces: names }),
    [
      'error interfaces.0: there is no interface eth7: there are eth0, eth1, eth0.100, veth9',
      'error interfaces.1: lo is the loopback interface: name one that packets arrive by',
      'error interfaces.2: eth0.100 is a VLAN on eth0: name that; its VLANs come with it',
      'warning interfaces.3: eth1 is down: `ip link set eth1 up`',
    ],
  );
  const taken = INTERFACES.map((one) =>
    one.name === 'eth0' ? { ...one, xdp: { mode: 'native' as const, programId: 77 } } : one,
  );
  assert.deepEqual(problemsOn(hostWith({ interfaces: taken })), [
    'error interfaces.0: another XDP program (id 77) is attached to eth0: detach it by what attached it, or with ' +
      '`ip link set dev eth0 xdp off`',
  ]);
  const attached = { interfaces: new Set(['eth0']) };
  assert.deepEqual(problemsOn(hostWith({ interfaces: taken, attached })), []);
  assert.match(
    problemsOn(hostWith({ interfaces: taken, attached }), { generic: true }).join(),
    /^error generic: the forwarder on eth0 is attached in native mode, .* `truepeer forwarder detach` first/,
  );
});

test('a kernel that does not forward', () => {
  const isForwarding = (family: 4 | 6) => family === 6;
  assert.deepEqual(problemsOn(hostWith({ isForwarding })), [
    'error interfaces.0: the kernel does not forward IPv4 from eth0, and so tells no routes for it: `sysctl -w ' +
      'net.ipv4.ip_forward=1`',
  ]);
  assert.deepEqual(
    problemsOn(hostWith({ isForwarding: (family) => family === 4 })),
    [],
    'IPv6 is not needed',
  );
});

test('addresses that are not this host’s', () => {
  assert.deepEqual(problemsOn(hostWith({}, { '10.0.0.10': { isLocal: false, device: 'eth0' } })), [
    'error localAddresses.0: 10.0.0.10 is no address of this host, so that answers to it would go astray: `ip addr add ' +
      '10.0.0.10/32 dev eth0`',
  ]);
  assert.deepEqual(problemsOn(hostWith({}, { '198.51.100.10': undefined })), [
    'warning services.0.listen: 198.51.100.10 is no address of this host: right for a standby that will get it, else ' +
      '`ip addr add 198.51.100.10/32 dev lo`',
  ]);
});

test('an address that another program listens on', () => {
  const taken = hostWith({ listening: [parseEndpoint('198.51.100.10:443'), parseEndpoint('0.0.0.0:443')] });
  assert.deepEqual(problemsOn(taken), [
    'error services.0.listen: another program listens on 198.51.100.10:443, and would lose its clients: stop it (`ss ' +
      '-ltnp` tells which), or take another address',
  ]);
  for (const every of ['0.0.0.0:443', '[::]:443'])
    assert.match(
      problemsOn(hostWith({ listening: [parseEndpoint(every)] })).join(),
      /^warning services\.0\.listen: another program listens on port 443 of every address/,
    );
  const v6 = [someService({ listen: parseEndpoint('[2001:db8::10]:443') })];
  const host = hostWith({ listening: [parseEndpoint('0.0.0.0:443')] }, { '2001:db8::10': LOCAL });
  assert.deepEqual(problemsOn(host, { services: v6 }), [], 'an IPv4 socket has nothing to do with it');
});

test('metrics where they cannot be served', () => {
  const on = (metrics: string, host: HostFacts) => problemsOn(host, { metrics: parseEndpoint(metrics) });
  const at = (...listening: string[]) =>
    hostWith({ listening: listening.map(parseEndpoint) }, { '127.0.0.1': LOCAL, '::1': LOCAL });
  const taken =
    /^error metrics: another program listens on .*: stop it \(`ss -ltnp` tells which\), or take another port$/;
  for (const other of ['127.0.0.1:9469', '0.0.0.0:9469', '[::]:9469'])
    assert.match(on('127.0.0.1:9469', at(other)).join(), taken, other);
  for (const every of ['0.0.0.0:9469', '[::]:9469'])
    assert.match(on(every, at('[::]:9469')).join(), taken, every);
  assert.match(on('[::]:9469', at('10.0.0.1:9469')).join(), taken);
  assert.deepEqual(on('127.0.0.1:9469', at('10.0.0.1:9469', '127.0.0.1:9470', '[::1]:9469')), []);
  assert.deepEqual(on('[::1]:9469', at('0.0.0.0:9469')), []);
  assert.deepEqual(on('10.9.9.9:9469', at()), [
    'error metrics: 10.9.9.9 is no address of this host: write one that is, such as 127.0.0.1',
  ]);
  assert.deepEqual(on('0.0.0.0:9469', at()), []);
});

test('backends that cannot be reached', () => {
  const at = 'error services.0.backends.0.address: ';
  assert.deepEqual(problemsOn(hostWith({}, { '10.0.1.11': undefined })), [
    `${at}there is no route to 10.0.1.11: \`ip route get 10.0.1.11\` must find one`,
  ]);
  assert.deepEqual(problemsOn(hostWith({}, { '10.0.1.11': LOCAL })), [
    `${at}10.0.1.11 is this host itself: a forwarder sends to other hosts`,
  ]);
  assert.deepEqual(problemsOn(hostWith({}, { '10.0.1.11': { isLocal: false, device: 'veth9' } })), [
    `${at}10.0.1.11 is reached by veth9, which is none of the forwarder's: add it to interfaces, or change the route ` +
      '(`ip route get 10.0.1.11`)',
  ]);
  const backends = Array.from({ length: 1_000 }, (_, index) => backend(`10.0.2.${index >> 2}:${index + 1}`));
  const many = problemsOn(hostWith(), { services: [someService({ backends })] });
  assert.equal(many.length, 11);
  assert.equal(many.at(-1), 'error services: and 240 more backends that cannot be reached');
});

test('frames leave by the interfaces, and by the VLANs on them', () => {
  assert.deepEqual(egressesOf({ interfaces: ['eth0', 'eth7'] }, INTERFACES), [
    { ifindex: 2, port: 2, vlan: 0, mac: '02:00:00:00:00:02', isVeth: false },
    { ifindex: 4, port: 2, vlan: 100, mac: '02:00:00:00:00:02', isVeth: false },
  ]);
});

test('whose program is on an interface, only root can tell', () => {
  const interfaces = INTERFACES.map((one) =>
    one.name === 'eth0' ? { ...one, xdp: { mode: 'native', programId: 7 } as const } : one,
  );
  assert.deepEqual(problemsOn(hostWith({ interfaces, attached: undefined })), [
    'warning interfaces.0: an XDP program (id 7) is attached to eth0, and only root can tell whose it is: check as root',
  ]);
});

test('the table of an attached forwarder stays as large as it is', () => {
  const { slots } = sizesFor(1_000);
  const host = hostWith({ attached: { interfaces: new Set(), slots } });
  assert.deepEqual(problemsOn(host, { capacity: 1_000 }), []);
  assert.match(
    problemsOn(host, { capacity: 2_000 }).join(),
    /^error capacity: the attached forwarder has room for 1000 connections, .* `truepeer forwarder detach` first/,
  );
});
