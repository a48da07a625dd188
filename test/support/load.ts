import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Host, Placement } from '../../src/lab/host.js';
import type { LabProcess } from '../../src/lab/process.js';
import { ADDRESSES, type Chain } from './chain.js';
import type { Family } from './clients.js';

/** Whom loads play: more than 100,000 addresses of each family, none of them the forwarder's. */
export const CLIENTS = { ipv4: '198.18.0.0/15', ipv6: '2001:db8:2::/111' } as const;

/** The path of one of test/programs. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}

/** Starts one of test/programs that listens on every address of a host, IPv4 and IPv6. */
export async function serve(
  host: Host,
  name: string,
  port: number,
  args: readonly string[] = [],
  placement: Placement = {},
): Promise<LabProcess> {
  const server = host.spawn(programPath(name), ['::', String(port), ...args], placement);
  await server.waitForPort(port);
  return server;
}

const QUEUES = `set -e
for link in $(ip -br link show type veth | cut -d@ -f1); do tc qdisc replace dev $link root pfifo_fast; done`;

/**
 * Gives hosts a queue before each link, as cards have one: for loads of hundreds of connections at a time. Without it, a
 * full ring refuses the kernel's SYN-ACK, and where that was not the first one, the kernel drops the connection without
 * telling anybody; the client, which does not speak first, waits for ever.
 */
export async function giveQueues(...hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) await host.run('sh', ['-c', QUEUES]);
}

/** Connections to make. Each is another client's. */
export interface Load {
  readonly family: Family;
  /** The server's address; the chain's backend unless given. */
  readonly to?: string;
  /** The server's port, or `FROM-TO`. */
  readonly port: number | string;
  readonly count: number;
  /** How many at once; all of them unless given. */
  readonly concurrency?: number;
  /** The place of the first client in {@link CLIENTS}; 0 unless given. */
  readonly first?: number;
}

/** What connect-load prints. */
export interface LoadReport {
  readonly connections: number;
  readonly ok: number;
  /** The server named another client. */
  readonly swapped: number;
  /** The server named nobody of the clients. */
  readonly missing: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The first wrong answers in full. */
  readonly told: string;
}

/** Starts a load in the forwarder's tagged cgroup. */
export function startLoad({ forwarder }: Pick<Chain, 'forwarder'>, load: Load): LabProcess {
  const { family, to = ADDRESSES.backend[family], port, count, concurrency = count, first = 0 } = load;
  return forwarder.spawn(
    programPath('connect-load'),
    [
      ...[to, `${port}`, '--count', `${count}`, '--concurrency', `${concurrency}`],
      ...['--clients', CLIENTS[family], '--first', `${first}`, '--check', '--seconds', '600'],
    ],
    { cgroup: 'proxy' },
  );
}

/** What became of a load, once it is over. */
export async function reportOf(load: LabProcess): Promise<LoadReport> {
  await load.closed;
  assert.notEqual(load.stdout.text, '', load.output.text);
  const { connections, ok, swapped, missing, errors } = JSON.parse(load.stdout.text);
  return { connections, ok, swapped, missing, errors, told: load.stderr.text };
}

/** The report of a load of which every connection showed its own client. */
export function allOk(count: number): LoadReport {
  return { connections: count, ok: count, swapped: 0, missing: 0, errors: {}, told: '' };
}
