import { readFileSync } from 'node:fs';
import { objectPath } from '../kernel/artifacts.js';
import { bootTimeNs } from '../kernel/clock.js';
import { LoadedObject } from '../kernel/object.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { type Endpoint, formatAddress, formatKind } from '../wire/index.js';
import { CONNECTION, CONNECTION_LINE, FLAGS } from './layout.js';
import { RECEIVER } from './plan.js';

/** One live connection whose client is known. */
export interface Connection {
  /** Who the forwarder says it is; absent where the option held only a virtual address. */
  readonly client?: Endpoint;
  /** The transport peer: the forwarder, as `ss` shows it. */
  readonly peer: Endpoint;
  readonly local: Endpoint;
  /** Kind and length of the option, as `254/8`. */
  readonly kind: string;
  /** The virtual address the client connected to, where the option says it. */
  readonly vip?: Endpoint;
  readonly vid?: number;
  /** Whether the option was read from the SYN. */
  readonly fromSyn: boolean;
  /** An IPv6 client on an IPv4 socket. */
  readonly nat64: boolean;
  /** Milliseconds since it was established. */
  readonly ageMs: number;
  readonly state: string;
  /** Inode number of the network namespace, as in /proc/PID/ns/net. */
  readonly netns: number;
  /** Inode number of the socket, as in /proc/PID/fd; 0 before accept(). */
  readonly inode: number;
}

/** The states of include/net/tcp_states.h. */
const STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

/**
 * The live connections whose client is known, in no particular order: the kernel's sockets, asked just now.
 *
 * @throws NotAttachedError, KernelError
 */
export function listConnections(): Connection[] {
  using installed = requireInstalled(RECEIVER);
  using object = LoadedObject.load(objectPath('connections'));
  using reading = object.iterate('list_connections', installed.map('connections'));
  const lines = readFileSync(reading.fd);
  const now = bootTimeNs();
  return Array.from({ length: Math.floor(lines.length / CONNECTION_LINE.size) }, (_, line) =>
    decodeConnection(lines.subarray(line * CONNECTION_LINE.size, (line + 1) * CONNECTION_LINE.size), now),
  );
}

/** @param line struct connection_line */
export function decodeConnection(line: Buffer, nowNs: bigint): Connection {
  const flags = line[CONNECTION.flags]!;
  const endpoint = (address: number, port: number): Endpoint => ({
    address: formatAddress(line.subarray(address, address + 16)),
    port,
  });
  const clientPort = flags & FLAGS.hasPort ? { port: line.readUInt16BE(CONNECTION.clientPort) } : {};
  return {
    ...(flags & FLAGS.hasClient
      ? { client: { address: endpoint(CONNECTION.client, 0).address, ...clientPort } }
      : {}),
    peer: endpoint(CONNECTION_LINE.peer, line.readUInt16BE(CONNECTION_LINE.peerPort)),
    local: endpoint(CONNECTION_LINE.local, line.readUInt16LE(CONNECTION_LINE.localPort)),
    kind: formatKind({ kind: line[CONNECTION.kind]!, length: line[CONNECTION.length]! }),
    ...(flags & FLAGS.hasVip ? { vip: endpoint(CONNECTION.vip, line.readUInt16BE(CONNECTION.vipPort)) } : {}),
    ...(flags & FLAGS.hasVid ? { vid: line.readUInt32LE(CONNECTION.vid) } : {}),
    fromSyn: (flags & FLAGS.fromSyn) !== 0,
    nat64: (flags & FLAGS.nat64) !== 0,
    ageMs: Number((nowNs - line.readBigUInt64LE(CONNECTION.establishedNs)) / 1_000_000n),
    state: STATES[line[CONNECTION_LINE.state]!] ?? 'UNKNOWN',
    netns: line.readUInt32LE(CONNECTION_LINE.netns),
    inode: Number(line.readBigUInt64LE(CONNECTION_LINE.inode)),
  };
}
