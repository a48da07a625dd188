import { bootTimeNs } from '../kernel/clock.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { endpointAt, listSockets, type StoredSocket } from '../lifecycle/sockets.js';
import { type Endpoint, formatKind } from '../wire/index.js';
import { CONNECTION, FLAGS } from './layout.js';
import { RECEIVER } from './plan.js';

/** One live connection whose client is known. */
export interface Connection extends Omit<StoredSocket, 'value'> {
  /** Who the forwarder says it is; absent where the option held only a virtual address. */
  readonly client?: Endpoint;
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
}

/**
 * The live connections whose client is known, oldest first: the kernel's sockets, asked just now.
 *
 * @throws NotAttachedError, PrivilegeError, KernelError
 */
export function listConnections(): Connection[] {
  using installed = requireInstalled(RECEIVER);
  const kept = { storage: installed.map('connections'), slots: installed.map('slots') };
  const sockets = listSockets(kept, CONNECTION.establishedNs);
  const now = bootTimeNs();
  return sockets.map((socket) => decodeConnection(socket, now));
}

/** @param socket with struct connection as its value */
export function decodeConnection({ value, ...socket }: StoredSocket, nowNs: bigint): Connection {
  const flags = value[CONNECTION.flags]!;
  const client = endpointAt(value, CONNECTION.client, value.readUInt16BE(CONNECTION.clientPort));
  return {
    ...socket,
    ...(flags & FLAGS.hasClient
      ? { client: flags & FLAGS.hasPort ? client : { address: client.address } }
      : {}),
    kind: formatKind({ kind: value[CONNECTION.kind]!, length: value[CONNECTION.length]! }),
    ...(flags & FLAGS.hasVip
      ? { vip: endpointAt(value, CONNECTION.vip, value.readUInt16BE(CONNECTION.vipPort)) }
      : {}),
    ...(flags & FLAGS.hasVid ? { vid: value.readUInt32LE(CONNECTION.vid) } : {}),
    fromSyn: (flags & FLAGS.fromSyn) !== 0,
    nat64: (flags & FLAGS.nat64) !== 0,
    ageMs: Number((nowNs - value.readBigUInt64LE(CONNECTION.establishedNs)) / 1_000_000n),
  };
}
