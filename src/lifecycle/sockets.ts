import { readFileSync } from 'node:fs';
import { objectPath } from '../kernel/artifacts.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { KernelError } from '../kernel/errors.js';
import { LoadedObject } from '../kernel/object.js';
import { type Endpoint, formatAddress, formatEndpoint } from '../wire/index.js';

/** struct socket_line of bpf/sockets.h */
export const SOCKET_LINE = {
  size: 112,
  value: 0,
  peer: 56,
  local: 72,
  peerPort: 88,
  localPort: 90,
  netns: 92,
  inode: 96,
  family: 104,
  state: 106,
} as const;

/** Bytes that a role keeps with a socket. */
export const SOCKET_VALUE_BYTES = 56;

/** A socket for which a role keeps something. */
export interface StoredSocket {
  /** What is kept: SOCKET_VALUE_BYTES bytes of the role's own struct. */
  readonly value: Buffer;
  /** The far end, as `ss` shows it. */
  readonly peer: Required<Endpoint>;
  readonly local: Required<Endpoint>;
  /** Inode number of the network namespace, as in /proc/PID/ns/net. */
  readonly netns: number;
  /** Inode number of the socket, as in /proc/PID/fd; 0 before accept(). */
  readonly inode: number;
  /** Such as `ESTABLISHED`. */
  readonly state: string;
}

/** The states of include/net/tcp_states.h, from 1. */
const STATES = [
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

/** Where a role keeps what it knows of sockets. */
export interface Kept {
  /** A map of socket storage. */
  readonly storage: Descriptor;
  /** An array of struct slot of bpf/receiver.h, where the role has one. */
  readonly slots?: Descriptor;
}

/**
 * The live sockets for which a role keeps something, oldest first: the kernel's own, asked just now.
 *
 * @param bornAt offset in the value of the CLOCK_BOOTTIME, in nanoseconds, from which their age counts.
 * @throws {KernelError}
 */
export function listSockets(kept: Kept, bornAt: number): StoredSocket[] {
  const sockets = socketsOf(kept);
  const born = ({ value }: StoredSocket) => value.readBigUInt64LE(bornAt);
  return sockets.sort((a, b) => Number(born(a) - born(b)));
}

/**
 * Kernels that are locked down to integrity may refuse the iterators over a map's elements, which could change them. They
 * do not refuse the one over the processes' files.
 */
function socketsOf(kept: Kept): StoredSocket[] {
  try {
    using object = load(kept, ['list_files']);
    // The slots first: what leaves its slot meanwhile is in the storage then, and maybe in both.
    const inSlots = kept.slots === undefined ? [] : readAll(object, 'list_slots', kept.slots);
    const inStorage = readAll(object, 'list_sockets', kept.storage);
    return eachOnce([...inSlots, ...inStorage], ({ value, peer, local, netns }) =>
      [value.toString('hex'), formatEndpoint(peer), formatEndpoint(local), netns].join(),
    );
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'EPERM') throw error;
  }
  using object = load(kept, ['list_sockets', 'list_slots']);
  return eachOnce(readAll(object, 'list_files'), ({ inode }) => inode);
}

function load({ storage, slots }: Kept, without: readonly string[]): LoadedObject {
  const path = objectPath('sockets');
  return slots === undefined
    ? LoadedObject.load(path, { reuse: { storage }, maxEntries: { slots: 1 }, without })
    : LoadedObject.load(path, { reuse: { storage, slots }, without });
}

function eachOnce<T>(all: readonly T[], key: (one: T) => unknown): T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()];
}

function readAll(object: LoadedObject, program: string, map?: Descriptor): StoredSocket[] {
  using reading = object.iterate(program, map);
  return read(reading);
}

function read(reading: Descriptor): StoredSocket[] {
  const lines = readFileSync(reading.fd);
  return Array.from({ length: Math.floor(lines.length / SOCKET_LINE.size) }, (_, line) =>
    decodeSocket(lines.subarray(line * SOCKET_LINE.size, (line + 1) * SOCKET_LINE.size)),
  );
}

/** @param line struct socket_line */
export function decodeSocket(line: Buffer): StoredSocket {
  return {
    value: line.subarray(SOCKET_LINE.value, SOCKET_LINE.value + SOCKET_VALUE_BYTES),
    peer: endpointAt(line, SOCKET_LINE.peer, line.readUInt16BE(SOCKET_LINE.peerPort)),
    local: endpointAt(line, SOCKET_LINE.local, line.readUInt16LE(SOCKET_LINE.localPort)),
    netns: line.readUInt32LE(SOCKET_LINE.netns),
    inode: Number(line.readBigUInt64LE(SOCKET_LINE.inode)),
    state: STATES[line[SOCKET_LINE.state]! - 1] ?? 'UNKNOWN',
  };
}

/** The address at an offset of a struct, as an endpoint. */
export function endpointAt(bytes: Buffer, address: number, port: number): Required<Endpoint> {
  return { address: formatAddress(bytes.subarray(address, address + 16)), port };
}
