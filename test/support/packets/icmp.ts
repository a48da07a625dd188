import { addWords, checksumOf } from '../../../src/lab/checksum.js';
import { PROTOCOL, pseudoHeaderSum } from '../../../src/lab/ip-packet.js';

/** An ICMP or ICMPv6 message, without its checksum. */
export interface Icmp {
  readonly type: number;
  readonly code: number;
  /** The word behind the checksum: an MTU, an identifier and sequence number, or nothing. */
  readonly rest: number;
  /** In an error: the packet it is about, or its beginning. */
  readonly payload: Uint8Array;
}

/** What types and codes mean, by IP version (RFC 792, RFC 1191, RFC 4443). */
export const ICMP = {
  4: {
    echo: { type: 8, code: 0 },
    unreachableHost: { type: 3, code: 1 },
    unreachablePort: { type: 3, code: 3 },
    tooBig: { type: 3, code: 4 },
    prohibited: { type: 3, code: 13 },
    sourceQuench: { type: 4, code: 0 },
    timeExceeded: { type: 11, code: 0 },
    badParameter: { type: 12, code: 0 },
  },
  6: {
    echo: { type: 128, code: 0 },
    noRoute: { type: 1, code: 0 },
    prohibited: { type: 1, code: 1 },
    unreachableAddress: { type: 1, code: 3 },
    unreachablePort: { type: 1, code: 4 },
    tooBig: { type: 2, code: 0 },
    timeExceeded: { type: 3, code: 0 },
    badParameter: { type: 4, code: 0 },
  },
} as const;

const HEADER = 8;

/** The protocol between two addresses of this version, ICMP or ICMPv6. */
export function icmpProtocol(version: 4 | 6): number {
  return version === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6;
}

export function buildIcmp(icmp: Icmp, src: string, dst: string, protocol: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + icmp.payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = icmp.type;
  bytes[1] = icmp.code;
  view.setUint32(4, icmp.rest);
  bytes.set(icmp.payload, HEADER);
  view.setUint16(2, icmpChecksum(bytes, src, dst, protocol));
  return bytes;
}

/** Undefined where there is not even a header. */
export function parseIcmp(bytes: Uint8Array): Icmp | undefined {
  if (bytes.length < HEADER) return undefined;
  const rest = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
  return { type: bytes[0]!, code: bytes[1]!, rest, payload: bytes.slice(HEADER) };
}

/** What goes into the checksum field, or 0 where that is right already; ICMPv6 counts the addresses in. */
export function icmpChecksum(bytes: Uint8Array, src: string, dst: string, protocol: number): number {
  const start = protocol === PROTOCOL.ICMPV6 ? pseudoHeaderSum(src, dst, protocol, bytes.length) : 0;
  return checksumOf(addWords(bytes, start));
}
