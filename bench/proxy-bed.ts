import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, Placement } from '../src/lab/host.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStats } from '../src/receiver/stats.js';
import { type Chain, createChain } from '../test/support/chain.js';
import { pinned } from './core.js';
import { BACKENDS, backendConfig, FRONTENDS, haproxyConfig, streamConfig, type Way } from './proxies.js';

/** What the backend serves: an answer of a few bytes, and a large one. */
export const SMALL = '/small';
export const LARGE = '/large';
export const LARGE_BYTES = 32 * 2 ** 20;

/** The cgroup of the proxies, which the tagger is attached to. */
const TAGGED = 'proxy';

/** client -- HAProxy and nginx stream -- nginx, all on the core where everything is measured. */
export class ProxyBed implements AsyncDisposable {
  readonly chain: Chain;

  constructor(chain: Chain) {
    this.chain = chain;
  }

  /**
   * Does something with tagger and receiver attached if that is the way to go, and with neither if not. The proxies and
   * the backend are the same processes each time.
   *
   * @throws {AssertionError} where the backend did not know every client.
   */
  async going<T>(way: Way, work: () => Promise<T>): Promise<T> {
    if (way !== 'tagger') return work();
    using _tagger = this.chain.tag();
    this.chain.attach();
    try {
      const done = await work();
      const { established, outcomes } = readStats();
      assert.ok(established > 0n);
      assert.equal(outcomes.tagged, established);
      return done;
    } finally {
      detachReceiver();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chain[Symbol.asyncDispose]();
  }
}

/** Builds the hosts and starts the servers; nothing is attached. */
export async function openProxyBed(): Promise<ProxyBed> {
  const bed = new ProxyBed(await createChain());
  try {
    const { client, forwarder, backend } = bed.chain;
    for (const host of [client, forwarder]) await reusePorts(host);
    await writeFile(join(backend.dir, SMALL), 'hello\n');
    await writeFile(join(backend.dir, LARGE), Buffer.alloc(LARGE_BYTES));
    const proxy = { cgroup: TAGGED };
    await start(backend, {}, ['nginx', '-c'], backendConfig(backend.dir), BACKENDS);
    await start(forwarder, proxy, ['nginx', '-c'], streamConfig(forwarder.dir), FRONTENDS.nginx);
    await start(forwarder, proxy, ['haproxy', '-db', '-f'], haproxyConfig(), FRONTENDS.HAProxy);
    return bed;
  } catch (error) {
    await bed[Symbol.asyncDispose]();
    throw error;
  }
}

/** Every connection is closed by who made it: without this its port would be out of use for a minute. */
async function reusePorts(host: Host): Promise<void> {
  const ipv4 = '/proc/sys/net/ipv4';
  await host.run('sh', [
    '-c',
    `echo 1024 65535 > ${ipv4}/ip_local_port_range; echo 1 > ${ipv4}/tcp_tw_reuse`,
  ]);
}

/** @param command that takes the file with its configuration as its last argument. */
async function start(
  host: Host,
  placement: Placement,
  command: readonly [program: string, ...args: string[]],
  config: string,
  ports: Readonly<Record<Way, number>>,
): Promise<void> {
  const [program, ...args] = command;
  const file = join(host.dir, `${program}.conf`);
  await writeFile(file, config);
  const server = host.spawn(...pinned(program, [...args, file]), placement);
  for (const port of Object.values(ports)) await server.waitForPort(port);
}
