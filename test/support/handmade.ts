import assert from 'node:assert/strict';
import { HandmadeClient } from '../../src/lab/handmade.js';
import type { Endpoint, HandmadeConnection, Options } from '../../src/lab/handmade-connection.js';
import type { Host } from '../../src/lab/host.js';
import { createLab, type Lab } from '../../src/lab/lab.js';
import type { LabProcess } from '../../src/lab/process.js';
import { FLAG } from '../../src/lab/segments.js';
import { openTun, type Tun } from '../../src/lab/tun.js';
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import type { OutcomeName } from '../../src/receiver/outcomes.js';
import type { ReceiverSettings } from '../../src/receiver/settings.js';
import { DEFAULT_PROFILES, parseCidr } from '../../src/wire/index.js';
import type { Family } from './clients.js';
import { outcomesOf } from './outcomes.js';
import { program } from './programs.js';

/** The server's addresses; all others of 10.9.0.0/16 and fd09::/64 can be the forwarder's. */
export const BACKEND = { ipv4: '10.9.0.1', ipv6: 'fd09::1' } as const;
/** Where hand-made connections come from unless told otherwise; trusted, with all of its subnet. */
export const FORWARDER = {
  ipv4: { address: '10.9.0.2', port: 40000 },
  ipv6: { address: 'fd09::2', port: 40000 },
} as const;

/**
 * The kernel drops a SYN where the server is just about to let go of the connection before, from the same address and
 * port: so, as every client, we send it again.
 */
const RETRANSMIT_MS = 500;

/** One connection, made by hand. What is not given is ordinary, or not there. */
export interface Attempt {
  readonly port: number;
  /** Over which the connection comes; IPv4 unless given. */
  readonly over?: Family;
  readonly from?: Endpoint;
  readonly synOptions?: Options;
  /** For TCP Fast Open. */
  readonly synPayload?: string;
  /** Of the third ACK. */
  readonly ackOptions?: Options;
  /** No third ACK is sent. */
  readonly lostAck?: boolean;
  /** Sends what comes behind the handshake. */
  readonly behind?: (connection: HandmadeConnection) => void | Promise<void>;
}

/** What became of one connection. */
export interface Seen {
  /** The server's first line. */
  readonly line: string;
  readonly outcome: OutcomeName;
}

/** A host with a receiver on its cgroup, whose clients are played by hand over a TUN device of it. */
export class HandmadeBackend implements AsyncDisposable {
  readonly host: Host;
  readonly client: HandmadeClient;
  readonly #lab: Lab;
  readonly #tun: Tun;

  constructor(lab: Lab, tun: Tun) {
    this.#lab = lab;
    this.#tun = tun;
    this.host = lab.host('backend');
    this.client = new HandmadeClient(tun);
  }

  /** Attaches the receiver, or changes its settings. Trusts every forwarder unless told otherwise. */
  attach(settings: Partial<ReceiverSettings> = {}): void {
    attachReceiver({
      trust: [parseCidr('10.9.0.0/16'), parseCidr('fd09::/64')],
      profiles: DEFAULT_PROFILES,
      kinds: [],
      refuse: [],
      cgroup: this.host.cgroup,
      sockopt: true,
      ...settings,
    });
  }

  /** Starts one of test/programs on a port, and waits until it listens. */
  async serve(
    name: string,
    address: string,
    port: number,
    options: readonly string[] = [],
  ): Promise<LabProcess> {
    const server = this.host.spawn(program(name), [address, String(port), ...options]);
    await server.waitForPort(port);
    return server;
  }

  /** Shakes hands by hand, and sends what comes behind. */
  async connect(attempt: Attempt): Promise<HandmadeConnection> {
    const { port, over = 'ipv4', from = FORWARDER[over], synOptions, synPayload, ackOptions } = attempt;
    const connection = this.client.open(from, { address: BACKEND[over], port });
    const options = synOptions && { options: synOptions };
    const syn = { flags: FLAG.SYN, ...options, payload: synPayload ?? '', seq: connection.seq };
    connection.send(syn);
    connection.advance(syn);
    const retransmission = setInterval(() => connection.send(syn), RETRANSMIT_MS);
    await connection.synAck().finally(() => clearInterval(retransmission));
    if (!attempt.lostAck) connection.send({ ...(ackOptions && { options: ackOptions }) });
    await attempt.behind?.(connection);
    return connection;
  }

  /** Makes one connection, and says what the server says of it and how it, and nothing else, was counted. */
  async see(attempt: Attempt): Promise<Seen> {
    const counted = outcomesOf();
    const connection = await this.connect(attempt);
    const line = String(await connection.read().finally(() => this.client.reset(connection))).trimEnd();
    const [[outcome, count] = [], ...others] = Object.entries(counted());
    assert.deepEqual([count, others], [1, []], 'one connection counts once');
    return { line, outcome: outcome as OutcomeName };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    detachReceiver();
    this.#tun[Symbol.dispose]();
    await this.#lab[Symbol.asyncDispose]();
  }
}

/** Builds the host; nothing is attached yet. */
export async function createHandmadeBackend(
  sysctls: Readonly<Record<string, string>> = {},
): Promise<HandmadeBackend> {
  const lab = await createLab({ hosts: { backend: { sysctls } } });
  const tun = openTun('hand0');
  await tun.configure({ ipv4: `${BACKEND.ipv4}/16`, ipv6: `${BACKEND.ipv6}/64` }, lab.host('backend'));
  return new HandmadeBackend(lab, tun);
}
