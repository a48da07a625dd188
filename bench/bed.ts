import type { Host } from '../src/lab/host.js';
import type { LabProcess } from '../src/lab/process.js';
import { ADDRESSES, type Chain, createChain } from '../test/support/chain.js';
import type { Family } from '../test/support/clients.js';
import { CLIENTS, programPath } from '../test/support/load.js';
import { pinned, processorTime } from './core.js';

/** Connections that wait for each other's turn: enough that nobody ever waits for the network. */
export const CONCURRENCY = 64;

const PORTS = { ipv4: 8000, ipv6: 8001 } as const;
const LISTEN = { ipv4: '0.0.0.0', ipv6: '::' } as const;
/** The cgroup that the tagger is attached to. */
const TAGGED = 'proxy';

/** Connections to make: each tagged one as another client. */
export interface Load {
  readonly family: Family;
  readonly tagged: boolean;
  readonly count: number;
  /** At once; {@link CONCURRENCY} unless given. */
  readonly concurrency?: number;
  /** {@link PORTS} unless given. */
  readonly port?: number;
}

/** What one connection took on average, in microseconds. */
export interface Effort {
  /** Of a processor. Unlike the clock it goes on only for us, whatever else the machine does. */
  readonly busy: number;
  readonly elapsed: number;
}

/**
 * Where everything is measured: client and server on one core, so that whatever either of them or the kernel does for
 * a connection takes its time from the next one; nothing hides on another core.
 */
export class Bed implements AsyncDisposable {
  readonly chain: Chain;

  constructor(chain: Chain) {
    this.chain = chain;
  }

  /** Starts a program on the core where everything is measured. */
  start(host: Host, name: string, args: readonly string[], cgroup?: string): LabProcess {
    return host.spawn(...pinned(programPath(name), args), cgroup === undefined ? {} : { cgroup });
  }

  startLoad({ family, tagged, count, concurrency = CONCURRENCY, port = PORTS[family] }: Load): LabProcess {
    const how = ['--count', String(count), '--concurrency', String(concurrency)];
    const as = tagged ? ['--clients', CLIENTS[family]] : ['--plain'];
    const args = [ADDRESSES.backend[family], String(port), ...how, ...as];
    return this.start(this.chain.forwarder, 'connect-load', args, tagged ? TAGGED : undefined);
  }

  /** Makes connections, and returns what they took. */
  async load(load: Load): Promise<Effort> {
    const before = await processorTime(this.chain.lab);
    const { seconds } = await jsonOf<{ seconds: number }>(this.startLoad(load));
    const busy = (await processorTime(this.chain.lab)) - before;
    return { busy: busy / load.count, elapsed: (1e6 * seconds) / load.count };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chain[Symbol.asyncDispose]();
  }
}

/** Builds the hosts and starts a server for each family; nothing is attached yet. */
export async function openBed(): Promise<Bed> {
  const bed = new Bed(await createChain());
  try {
    const { forwarder, backend } = bed.chain;
    await forwarder.run('sh', ['-c', 'echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range']);
    for (const family of ['ipv4', 'ipv6'] as const) {
      const server = bed.start(backend, 'peername-server', [LISTEN[family], String(PORTS[family])]);
      await server.waitForPort(PORTS[family]);
      await bed.load({ family, tagged: false, count: 1_000 });
    }
    return bed;
  } catch (error) {
    await bed[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a program that succeeds prints as JSON in its last line. */
export async function jsonOf<T>(program: LabProcess): Promise<T> {
  const { status } = await program.closed;
  if (status !== 0)
    throw new Error(`\`${program.command}\` ended with status ${status}:\n${program.output.text}`);
  return JSON.parse(program.stdout.text.trim().split('\n').at(-1)!);
}
