import { index, lookup } from '../kernel/map.js';
import { EGRESS, LIMITS } from './layout.js';
import type { Tables } from './tables.js';

/** An interface to send from: one of the forwarder's, or a VLAN on it. */
export interface Egress {
  /** As routes name it. */
  readonly ifindex: number;
  /** The interface that frames leave by: itself, or what the VLAN is on. */
  readonly port: number;
  /** 0: untagged */
  readonly vlan: number;
  /** As `02:00:00:00:00:01`. */
  readonly mac: string;
  /** Whether the port is a veth, one end of a pair. */
  readonly isVeth: boolean;
}

/** An egress with the number that connections keep it by, from 1. */
export interface NumberedEgress extends Egress {
  readonly number: number;
}

/** More interfaces and VLANs than the map has room for. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
}

/**
 * Gives each egress a number: the one it has; else one that never was in use, because connections find out about
 * changes only when they next send; else one that is not in use any more.
 *
 * @param current every entry that was ever written.
 * @throws {EgressError}
 */
export function numberEgresses(
  wanted: readonly Egress[],
  current: readonly NumberedEgress[],
): NumberedEgress[] {
  const numbers = new Map(current.map(({ ifindex, number }) => [ifindex, number]));
  const known = new Set(numbers.values());
  const kept = new Set(wanted.flatMap(({ ifindex }) => numbers.get(ifindex) ?? []));
  const all = Array.from({ length: LIMITS.egressesMax - 1 }, (_, at) => at + 1);
  const free = [
    ...all.filter((number) => !known.has(number)),
    ...all.filter((number) => known.has(number) && !kept.has(number)),
  ];
  return wanted.map((egress) => {
    const number = numbers.get(egress.ifindex) ?? free.shift();
    if (number === undefined)
      throw new EgressError(
        `the interfaces have ${wanted.length} VLANs and interfaces together, and there is room for ` +
          `${LIMITS.egressesMax - 1}: name fewer interfaces`,
      );
    return { ...egress, number };
  });
}

/** Every entry that was ever written, in use or not. @throws {KernelError} */
export function readEgresses(tables: Tables): NumberedEgress[] {
  const map = tables.map('egresses');
  return Array.from({ length: LIMITS.egressesMax - 1 }, (_, at) => at + 1).flatMap((number) => {
    const bytes = lookup(map, index(number), EGRESS.size)!;
    const egress = {
      number,
      ifindex: bytes.readUInt32LE(EGRESS.ifindex),
      port: bytes.readUInt32LE(EGRESS.port),
      vlan: bytes.readUInt16LE(EGRESS.vlan),
      mac: formatMac(bytes.subarray(EGRESS.mac, EGRESS.mac + 6)),
      isVeth: bytes.readUInt32LE(EGRESS.isVeth) !== 0,
    };
    return egress.ifindex === 0 ? [] : [egress];
  });
}

/** struct egress */
export function encodeEgress({ ifindex, port, vlan, mac, isVeth }: Egress): Buffer {
  const bytes = Buffer.alloc(EGRESS.size);
  bytes.writeUInt32LE(ifindex, EGRESS.ifindex);
  bytes.writeUInt32LE(port, EGRESS.port);
  bytes.writeUInt16LE(vlan, EGRESS.vlan);
  bytes.write(mac.replaceAll(':', ''), EGRESS.mac, 'hex');
  bytes.writeUInt32LE(Number(isVeth), EGRESS.isVeth);
  return bytes;
}

function formatMac(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
