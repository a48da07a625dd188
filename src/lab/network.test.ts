import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressCommands, linkCommand, offloadArguments, planInterfaces } from './network.js';
import type { LinkSpec } from './spec.js';

const links: LinkSpec[] = [
  { between: ['client', 'proxy'], ipv4: ['10.1.0.1/24', '10.1.0.2/24'], offload: { tx: false, gro: true } },
  { between: ['proxy', 'backend'], ipv6: ['fd00::1/64', 'fd00::2/64'], mtu: 9000 },
];

test('interfaces are numbered on each host in the order of its links', () => {
  const names = planInterfaces(links).map((pair) => pair.map(({ host, name }) => `${host} ${name}`));
  assert.deepEqual(names, [
    ['client eth0', 'proxy eth0'],
    ['proxy eth1', 'backend eth0'],
  ]);
});

test('a link becomes one veth pair, made in both namespaces at once', () => {
  const pair = planInterfaces(links)[1]!;
  assert.equal(
    linkCommand(pair, (host) => `/ns/${host}`),
    'link add eth1 mtu 9000 netns /ns/proxy type veth peer name eth0 mtu 9000 netns /ns/backend',
  );
});

test('each end gets its own addresses and the features of the link', () => {
  const [first, second] = planInterfaces(links);
  assert.deepEqual(addressCommands(first![1]), ['link set eth0 up', 'addr add 10.1.0.2/24 dev eth0']);
  assert.deepEqual(addressCommands(second![0]), ['link set eth1 up', 'addr add fd00::1/64 dev eth1 nodad']);
  assert.deepEqual(offloadArguments(first![0]), ['-K', 'eth0', 'tx', 'off', 'gro', 'on']);
});
