import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attachOn } from '../src/demo/forwarder.js';
import { forwarderSettings } from '../src/demo/forwarder-settings.js';
import { detachForwarder } from '../src/forwarder/detach.js';
import type { Host } from '../src/lab/host.js';
import { createLab, type Lab } from '../src/lab/lab.js';
import { attachReceiver } from '../src/receiver/attach.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import { DEFAULT_PROFILES, parseCidr } from '../src/wire/index.js';
import { backendConfig, haproxyConfig, nftablesConfig, streamConfig } from './contender-configs.js';
import { BACKEND_PORTS, CONTENDERS, type Contender, LOCAL, MIDDLES, networksOf } from './contenders.js';
import { pinned } from './core.js';
import { LARGE, LARGE_BYTES, SMALL } from './proxy-bed.js';
import { SoftirqClock } from './softirq-clock.js';

/** Concurrent connections that the forwarder has room for: its default. */
const CAPACITY = 1_000_000;

/**
 * What every cable of the bed is set to, for all contenders alike: XDP wants checksums that are complete, and the ends
 * that take its frames must poll.
 */
const OFFLOAD = { tx: false, gro: true } as const;

/** client -- a router, a TruePeer forwarder, a NAT and a host with proxies, side by side -- backend. */
export class ForwarderBed implements AsyncDisposable {
  readonly lab: Lab;
  readonly client: Host;
  readonly softirqs = new SoftirqClock();

  constructor(lab: Lab) {
    this.lab = lab;
    this.client = lab.host('client');
  }

  /**
   * Does something through one of the contenders.
   *
   * @throws {AssertionError} where the forwarder was to bring every client along, and the backend did not know each.
   */
  async checked<T>(contender: Contender, work: () => Promise<T>): Promise<T> {
    const before = readStats();
    const done = await work();
    const after = readStats();
    if (contender === 'truepeer') {
      const established = after.established - before.established;
      assert.ok(established > 0n);
      assert.equal(after.outcomes.tagged - before.outcomes.tagged, established);
    }
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.softirqs[Symbol.asyncDispose]();
    detachForwarder();
    detachReceiver();
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Builds the hosts and starts what is compared, all of it at once. */
export async function openForwarderBed(): Promise<ForwarderBed> {
  const bed = new ForwarderBed(await buildLab());
  try {
    const { lab } = bed;
    const backend = lab.host('backend');
    await writeFile(join(backend.dir, SMALL), 'hello\n');
    await writeFile(join(backend.dir, LARGE), Buffer.alloc(LARGE_BYTES));
    await start(backend, ['nginx', '-c'], backendConfig(backend.dir), Object.values(BACKEND_PORTS));
    const proxies = lab.host('proxies');
    const { haproxy, haproxyV2, nginx } = CONTENDERS;
    await start(proxies, ['nginx', '-c'], streamConfig(proxies.dir), [nginx.port]);
    await start(proxies, ['haproxy', '-db', '-f'], haproxyConfig(), [haproxy.port, haproxyV2.port]);
    await lab.host('nat').run('nft', ['-f', '-'], { input: nftablesConfig() });
    await startTruePeer(lab.host('truepeer'));
    attachReceiver({
      trust: [parseCidr(LOCAL)],
      profiles: DEFAULT_PROFILES,
      kinds: [],
      refuse: [],
      cgroup: backend.cgroup,
      sockopt: true,
    });
    return bed;
  } catch (error) {
    await bed[Symbol.asyncDispose]();
    throw error;
  }
}

function buildLab(): Promise<Lab> {
  const links = MIDDLES.flatMap((middle) => {
    const { client, front, back, backend } = networksOf(middle);
    return [
      {
        between: ['client', middle],
        ipv4: [`${client}/24`, `${front}/24`],
        offload: OFFLOAD,
      },
      {
        between: [middle, 'backend'],
        ipv4: [`${back}/24`, `${backend}/24`],
        offload: OFFLOAD,
      },
    ] as const;
  });
  const forwarding = { 'net.ipv4.ip_forward': '1' };
  // Without this a port would be out of use for a minute after each connection.
  const ports = { 'net.ipv4.ip_local_port_range': '1024 65535', 'net.ipv4.tcp_tw_reuse': '1' };
  const { client, front, back, backend } = networksOf('router');
  return createLab({
    hosts: {
      client: { sysctls: ports, routes: [`${backend}/32 via ${front}`] },
      router: { sysctls: forwarding },
      truepeer: { sysctls: forwarding },
      nat: { sysctls: { ...forwarding, ...ports } },
      proxies: { sysctls: ports },
      backend: { routes: [`${client}/32 via ${back}`] },
    },
    links,
  });
}

async function startTruePeer(host: Host): Promise<void> {
  const { backend } = networksOf('truepeer');
  const { address, port } = CONTENDERS.truepeer;
  await host.run('ip', ['addr', 'add', `${LOCAL}/24`, 'dev', 'eth1']);
  const passage = {
    name: 'web',
    listen: { address, port },
    backend: { address: backend, port: BACKEND_PORTS.plain },
  };
  await attachOn(host, forwarderSettings([passage], [LOCAL], CAPACITY));
}

/** @param command that takes the file with its configuration as its last argument. */
async function start(
  host: Host,
  command: readonly [program: string, ...args: string[]],
  config: string,
  ports: readonly number[],
): Promise<void> {
  const [program, ...args] = command;
  const file = join(host.dir, `${program}.conf`);
  await writeFile(file, config);
  const server = host.spawn(...pinned(program, [...args, file]));
  for (const port of ports) await server.waitForPort(port);
}
