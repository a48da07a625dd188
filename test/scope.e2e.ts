import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLab } from '../src/lab/lab.js';
import { attachReceiver } from '../src/receiver/attach.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import { TemporaryTagger } from '../src/tagger/temporary.js';
import { DEFAULT_PROFILES } from '../src/wire/index.js';
import { programPath, reportOf, startLoad } from './support/load.js';

const COUNT = 25;
const ADDRESSES = { one: '10.1.1.2', two: '10.1.2.2' } as const;
type Namespace = keyof typeof ADDRESSES;

/** Servers in every combination of network namespace and cgroup, each on a port of its own. */
const SERVERS = [
  { namespace: 'one', cgroup: 'inside', port: 8000, sees: 'client' },
  { namespace: 'one', cgroup: 'inside/deeper', port: 8001, sees: 'client' },
  { namespace: 'one', cgroup: 'outside', port: 8002, sees: 'forwarder' },
  { namespace: 'two', cgroup: 'inside', port: 8003, sees: 'client' },
  { namespace: 'two', cgroup: 'outside', port: 8004, sees: 'forwarder' },
] as const;

test('a receiver serves its cgroup and those below, in every network namespace, and nobody else', async () => {
  await using lab = await createLab({
    hosts: { forwarder: {}, one: {}, two: {} },
    links: (['one', 'two'] as const).map((name, at) => ({
      between: ['forwarder', name],
      ipv4: [`10.1.${at + 1}.1/24`, `${ADDRESSES[name]}/24`],
    })),
  });
  const forwarder = lab.host('forwarder');
  const one = lab.host('one');
  using _tagger = new TemporaryTagger(forwarder.cgroupNamed('proxy'), {
    ipv4: '254/8',
    ipv6: '254/20',
    on: ['syn', 'ack', 'data'],
    takeLocal: false,
  });
  // Every server is in a cgroup below host one's, wherever its network is.
  for (const { namespace, cgroup, port } of SERVERS) {
    const server = [programPath('peername-server'), '::', String(port)];
    one.spawn('nsenter', [`--net=${lab.host(namespace).namespace}`, '--', ...server], { cgroup });
    await lab.host(namespace).waitForPort(port);
  }
  const seen = async (namespace: Namespace, port: number): Promise<string> => {
    const load = { family: 'ipv4', to: ADDRESSES[namespace], port, count: COUNT } as const;
    const { ok, missing, ...wrong } = await reportOf(startLoad({ forwarder }, load));
    if (ok === COUNT) return 'client';
    return missing === COUNT ? 'forwarder' : JSON.stringify({ ok, missing, ...wrong });
  };

  attachReceiver({
    trust: 'any',
    profiles: DEFAULT_PROFILES,
    kinds: [],
    refuse: [],
    cgroup: one.cgroupNamed('inside'),
    sockopt: true,
  });
  try {
    for (const { namespace, cgroup, port, sees } of SERVERS)
      assert.equal(await seen(namespace, port), sees, `a server in namespace ${namespace}, cgroup ${cgroup}`);
    const { established, outcomes } = readStats();
    const served = SERVERS.filter(({ sees }) => sees === 'client').length;
    assert.deepEqual([established, outcomes.tagged], [BigInt(served * COUNT), BigInt(served * COUNT)]);
  } finally {
    detachReceiver();
  }
});
