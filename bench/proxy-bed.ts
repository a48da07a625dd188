import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectPath } from '../src/kernel/artifacts.js';
import { openCgroup } from '../src/kernel/cgroup.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import type { Host, Placement } from '../src/lab/host.js';
import { TAGGER_PROGRAMS } from '../src/tagger/plan.js';
import { encodeTaggerSettings } from '../src/tagger/settings.js';
import { type Chain, createChain } from '../test/support/chain.js';
import { Attachable } from './attachable.js';
import { pinned } from './core.js';
import { taggerFloor } from './floor.js';
import { BACKENDS, backendConfig, type Frontend, haproxyConfig, PORTS, streamConfig } from './proxies.js';
import { RequestLoad } from './request-load.js';

/** What the backend serves: an answer of a few bytes, and a large one. */
export const SMALL = '/small';
export const LARGE = '/large';
export const LARGE_BYTES = 32 * 2 ** 20;

/** The cgroup of the proxies, which the tagger is attached to. */
const TAGGED = 'proxy';

const SETTINGS = {
  ipv4: '254/8',
  ipv6: '254/20',
  on: ['syn', 'ack', 'data'],
  takeLocal: false,
} as const;

/** client -- HAProxy and nginx stream -- nginx, all on the core where everything is measured. */
export class ProxyBed implements AsyncDisposable {
  readonly chain: Chain;
  /** For small answers. */
  readonly requests: RequestLoad;
  readonly tagger: Attachable;
  /** The least in the tagger's place. */
  readonly floor: Attachable;
  readonly #cgroup: Descriptor;

  constructor(chain: Chain) {
    this.chain = chain;
    this.requests = new RequestLoad(chain.client, SMALL);
    const path = chain.forwarder.cgroupNamed(TAGGED);
    const initial = { '.rodata.settings': encodeTaggerSettings(SETTINGS, path) };
    this.#cgroup = openCgroup(path);
    this.tagger = new Attachable(objectPath('tagger'), TAGGER_PROGRAMS, this.#cgroup, { initial });
    this.floor = taggerFloor(this.#cgroup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const held of [this.tagger, this.floor, this.#cgroup]) held[Symbol.dispose]();
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
    await start(forwarder, proxy, ['nginx', '-c'], streamConfig(forwarder.dir), PORTS.nginx);
    await start(forwarder, proxy, ['haproxy', '-db', '-f'], haproxyConfig(), PORTS.HAProxy);
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
  ports: Readonly<Record<Frontend, number>>,
): Promise<void> {
  const [program, ...args] = command;
  const file = join(host.dir, `${program}.conf`);
  await writeFile(file, config);
  const server = host.spawn(...pinned(program, [...args, file]), placement);
  for (const port of Object.values(ports)) await server.waitForPort(port);
}
