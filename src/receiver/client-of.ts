import type { Socket } from 'node:net';
import { KernelError } from '../kernel/errors.js';
import { getsockopt } from '../kernel/sockopt.js';
import { type Endpoint, formatAddress, formatKind } from '../wire/index.js';
import { FLAGS } from './layout.js';

/** Who is at the other end of a connection. */
export interface Client {
  /** The client; without TOA the transport peer. Its port is the transport's where the option carries none. */
  readonly client: Endpoint;
  /** The transport peer: the forwarder, as `ss` shows it. Absent where no receiver answers getsockopt(). */
  readonly peer?: Endpoint;
  /** Whether a trusted forwarder told the client. */
  readonly told: boolean;
  /** The option's kind and length, as `254/8`. */
  readonly kind?: string;
  /** The address the client connected to, where the option says it. */
  readonly vip?: Endpoint;
  readonly vid?: number;
}

/** IPPROTO_TCP and TRUEPEER_INFO of include/truepeer.h. */
const LEVEL = 6;
const TRUEPEER_INFO = 0x5450;

/** struct truepeer_info */
export const INFO = {
  size: 72,
  client: 0,
  peer: 16,
  vip: 32,
  clientPort: 48,
  peerPort: 50,
  vipPort: 52,
  flags: 54,
  kind: 55,
  length: 56,
  vid: 60,
} as const;

/**
 * The client and the transport peer of a connection that a Node server has accepted. Asks the kernel through
 * TRUEPEER_INFO (include/truepeer.h); where no receiver answers that, `client` is what Node itself knows.
 *
 * It needs no privilege. It works for every net.Socket, so for `request.socket` of any HTTP framework.
 *
 * @throws {TypeError} for a socket that is not connected.
 */
export function clientOf(socket: Socket): Client {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined)
    throw new TypeError('clientOf(socket): the socket is not connected');
  const info = readInfo(socket);
  return info === undefined
    ? { client: { address: unmapped(remoteAddress), port: remotePort }, told: false }
    : decodeInfo(info);
}

/** A dual-stack socket's IPv4 address as people write it. It may carry a zone, so it is not parsed. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

function readInfo(socket: Socket): Buffer | undefined {
  // Node shows a socket's descriptor nowhere else; a TLS socket's handle passes it on.
  const fd = (socket as { _handle?: { fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) return undefined;
  try {
    return getsockopt(fd, LEVEL, TRUEPEER_INFO, INFO.size);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/** @param info struct truepeer_info */
export function decodeInfo(info: Buffer): Client {
  const endpoint = (address: number, port: number): Endpoint => ({
    address: formatAddress(info.subarray(address, address + 16)),
    port: info.readUInt16BE(port),
  });
  const flags = info[INFO.flags]!;
  const kind = info[INFO.kind]!;
  return {
    client: endpoint(INFO.client, INFO.clientPort),
    peer: endpoint(INFO.peer, INFO.peerPort),
    told: (flags & FLAGS.hasClient) !== 0,
    ...(kind === 0 ? {} : { kind: formatKind({ kind, length: info[INFO.length]! }) }),
    ...(flags & FLAGS.hasVip ? { vip: endpoint(INFO.vip, INFO.vipPort) } : {}),
    ...(flags & FLAGS.hasVid ? { vid: info.readUInt32LE(INFO.vid) } : {}),
  };
}
