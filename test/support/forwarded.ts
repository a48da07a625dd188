import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForwardedConnection } from '../../src/forwarder/connection.js';
import { detachForwarder } from '../../src/forwarder/detach.js';
import { type CounterName, FORWARDER_SETTINGS } from '../../src/forwarder/layout.js';
import { Reading } from '../../src/forwarder/reading.js';
import { type PerCounter, readCounters } from '../../src/forwarder/stats.js';
import { index, lookup, update } from '../../src/kernel/map.js';
import type { Host } from '../../src/lab/host.js';
import { createLab, type Lab } from '../../src/lab/lab.js';
import type { LabProcess } from '../../src/lab/process.js';
import type { Result } from '../../src/lab/run.js';
import type { LinkSpec } from '../../src/lab/spec.js';
import { waitUntil } from '../../src/lab/wait.js';
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { DEFAULT_PROFILES, parseCidr } from '../../src/wire/index.js';
import { BINARY } from './cli.js';
import { CLIENTS } from './load.js';

/** How many network cards the forwarder has: one for everything, or one for each side. */
export const ARMS = ['one-armed', 'two-armed'] as const;
export type Arms = (typeof ARMS)[number];

/** The same in both topologies. Nobody behind the forwarder has a route to the client. */
export const FORWARDED = {
  client: { ipv4: '203.0.113.7', ipv6: '2001:db8:1::7' },
  /** Where clients connect to. */
  listen: { ipv4: '203.0.113.80', ipv6: '2001:db8:1::80' },
  /** Where backends see connections come from. */
  local: { ipv4: '10.1.0.10', ipv6: 'fd00:1::10' },
  /** Has a receiver. */
  backend: { ipv4: '10.1.0.2', ipv6: 'fd00:1::2' },
  /** Has none. */
  plain: { ipv4: '10.1.0.3', ipv6: 'fd00:1::3' },
} as const;

/** What one service of the configuration says; the rest is left to its defaults. */
export interface ServiceText {
  readonly name: string;
  readonly listen: string;
  readonly backends: readonly { readonly address: string; readonly weight?: number }[];
  readonly [key: string]: unknown;
}

export interface ConfigText {
  readonly services: readonly ServiceText[];
  readonly localAddresses?: readonly string[];
  readonly capacity?: number;
  readonly metrics?: string;
}

/** A veth whose other end runs XDP neither completes checksums nor, without NAPI, takes what is redirected to it. */
const OFFLOAD = { tx: false, gro: true } as const;

/**
 * client -- forwarder -- switch -- backend, plain; or all of them on the switch. The forwarder is TruePeer's; the
 * switch is a bridge.
 */
export class ForwarderLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly client: Host;
  readonly forwarder: Host;
  readonly backend: Host;
  readonly plain: Host;
  readonly switch: Host;
  readonly interfaces: readonly string[];
  #daemon: LabProcess | undefined;

  constructor(lab: Lab, arms: Arms) {
    this.lab = lab;
    this.client = lab.host('client');
    this.forwarder = lab.host('forwarder');
    this.backend = lab.host('backend');
    this.plain = lab.host('plain');
    this.switch = lab.host('switch');
    this.interfaces = arms === 'one-armed' ? ['eth0'] : ['eth0', 'eth1'];
  }

  /** The daemon that was started last. */
  get daemon(): LabProcess {
    assert.ok(this.#daemon, 'the daemon was started');
    return this.#daemon;
  }

  /** Where the daemon reads its configuration. */
  get configFile(): string {
    return join(this.forwarder.dir, 'truepeer.yaml');
  }

  /** Writes the configuration; JSON is YAML. */
  async configure({ localAddresses = Object.values(FORWARDED.local), ...others }: ConfigText): Promise<void> {
    const forwarder = { interfaces: this.interfaces, localAddresses, capacity: 10_000, ...others };
    await writeFile(this.configFile, JSON.stringify({ forwarder }, undefined, 2));
  }

  /** Starts the daemon, which attaches the forwarder or takes it over, and waits until it forwards. */
  async start(config?: ConfigText): Promise<LabProcess> {
    if (config) await this.configure(config);
    this.#daemon = this.forwarder.node(BINARY, ['forwarder', 'run', '--config', this.configFile]);
    await this.#daemon.waitForLine(/"msg":"(forwarding|took over)/);
    await waitUntil('the backends to be resolved', async () => {
      const neighbours = await this.forwarder.run('ip', ['neigh']);
      return !/INCOMPLETE|FAILED/.test(neighbours.stdout) && neighbours.stdout.includes('managed');
    });
    return this.#daemon;
  }

  /** Runs `truepeer ARGUMENTS` on the forwarder to its end, whatever that is. */
  truepeer(...args: readonly string[]): Promise<Result> {
    return this.forwarder.run(process.execPath, [BINARY, ...args], { check: false });
  }

  /** Has the daemon read a configuration anew, which must be good. */
  async reload(config: ConfigText): Promise<void> {
    await this.configure(config);
    await this.reloadConfigured();
  }

  /** The same, as it was written before. */
  async reloadConfigured(): Promise<void> {
    const { status, stderr } = await this.truepeer('forwarder', 'reload');
    assert.equal(status, 0, stderr);
  }

  /** Lets the client's host be every one of {@link CLIENTS}, and the forwarder answer them. */
  async becomeAllClients(): Promise<void> {
    for (const family of ['ipv4', 'ipv6'] as const) {
      await this.client.run('ip', ['route', 'add', 'local', CLIENTS[family], 'dev', 'lo']);
      await this.forwarder.run('ip', ['route', 'add', CLIENTS[family], 'via', FORWARDED.client[family]]);
    }
    // For IPv6 the route alone does not allow the bind.
    await this.client.run('sysctl', ['-w', 'net.ipv6.ip_nonlocal_bind=1']);
  }

  /** Lets the backend believe the forwarder. */
  receive(): void {
    attachReceiver({
      trust: Object.values(FORWARDED.local).map(parseCidr),
      profiles: DEFAULT_PROFILES,
      kinds: [],
      refuse: [],
      cgroup: this.backend.cgroup,
      sockopt: true,
    });
  }

  /** What the program has counted so far, all services together. */
  counters(): PerCounter<bigint> {
    using reading = Reading.open();
    return readCounters(reading.tables.map('counters'), allServices()).total;
  }

  /** The connections that the program knows, closed ones among them. */
  connections(): readonly ForwardedConnection[] {
    using reading = Reading.open();
    return reading.connections.list({}, Number.POSITIVE_INFINITY).listed.map(({ connection }) => connection);
  }

  /** What it has counted of this. */
  counted(name: CounterName): bigint {
    return this.counters()[name];
  }

  /** As if each local address had only so many ports. */
  limitPorts(count: number): void {
    using reading = Reading.open();
    const settings = reading.tables.map('settings');
    const bytes = lookup(settings, index(0), FORWARDER_SETTINGS.size)!;
    bytes.writeUInt32LE(count, FORWARDER_SETTINGS.portCount);
    update(settings, index(0), bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon?.stop();
    detachForwarder();
    detachReceiver();
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Services are told apart by number only; so many are more than any test has. */
function allServices(): Map<number, string> {
  return new Map(Array.from({ length: 16 }, (_, at) => [at + 1, `${at + 1}`]));
}

/** Builds the hosts; nothing is attached yet. */
export async function createForwarderLab(arms: Arms = 'two-armed'): Promise<ForwarderLab> {
  const isOneArmed = arms === 'one-armed';
  const { client, listen, local, backend, plain } = FORWARDED;
  const toSwitch = (host: string): LinkSpec => ({ between: [host, 'switch'], offload: OFFLOAD });
  const lab = await createLab({
    hosts: {
      client: {},
      forwarder: { sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' } },
      backend: {},
      plain: {},
      switch: {},
    },
    links: [
      isOneArmed ? toSwitch('client') : { between: ['client', 'forwarder'], offload: OFFLOAD },
      ...['forwarder', 'backend', 'plain'].map(toSwitch),
    ],
  });
  const fabric = lab.host('switch');
  const ports = isOneArmed ? ['eth0', 'eth1', 'eth2', 'eth3'] : ['eth0', 'eth1', 'eth2'];
  await fabric.run('ip', ['-batch', '-'], {
    input: [
      'link add br0 type bridge',
      'link set br0 up',
      ...ports.map((port) => `link set ${port} master br0`),
    ].join('\n'),
  });
  const inner = isOneArmed ? 'eth0' : 'eth1';
  await addAddresses(lab.host('client'), { eth0: [client] });
  await addAddresses(
    lab.host('forwarder'),
    isOneArmed ? { eth0: [listen, local] } : { eth0: [listen], [inner]: [local] },
  );
  await addAddresses(lab.host('backend'), { eth0: [backend] });
  await addAddresses(lab.host('plain'), { eth0: [plain] });
  return new ForwarderLab(lab, arms);
}

async function addAddresses(
  host: Host,
  wanted: Readonly<Record<string, readonly { readonly ipv4: string; readonly ipv6: string }[]>>,
): Promise<void> {
  const lines = Object.entries(wanted).flatMap(([device, addresses]) =>
    addresses.flatMap(({ ipv4, ipv6 }) => [
      `addr add ${ipv4}/24 dev ${device}`,
      `addr add ${ipv6}/64 dev ${device} nodad`,
    ]),
  );
  await host.run('ip', ['-batch', '-'], { input: lines.join('\n') });
}
