import { addWords, checksumOf } from './checksum.js';
import { PROTOCOL, pseudoHeaderSum } from './ip-packet.js';

/** TCP control bits (RFC 9293 section 3.1). */
export const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const;

/** A TCP segment, without what follows from the rest (data offset, checksum). */
export interface Tcp {
  readonly sport: number;
  readonly dport: number;
  /** Sequence and acknowledgment number, 0 to 2^32 - 1. */
  readonly seq: number;
  readonly ack: number;
  /** {@link FLAG}s, or-ed; the four bits above them are the reserved ones. */
  readonly flags: number;
  /** As on the wire: not scaled. */
  readonly window: number;
  /** The urgent pointer; 0 unless given. */
  readonly urgent?: number;
  /** The option bytes as they are, sense or nonsense; at most 40. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

const TCP_HEADER = 20;
const MAX_OPTIONS = 40;

/**
 * The bytes of a segment between two addresses, with the right checksum. Options whose length is no multiple of 4
 * are filled up with EOL (0).
 *
 * @throws {RangeError} for more than 40 option bytes.
 */
export function buildTcp(tcp: Tcp, src: string, dst: string): Uint8Array {
  const { options, payload } = tcp;
  if (options.length > MAX_OPTIONS) {
    throw new RangeError(`${options.length} bytes of TCP options: the header has room for ${MAX_OPTIONS}`);
  }
  const headerLength = TCP_HEADER + Math.ceil(options.length / 4) * 4;
  const bytes = new Uint8Array(headerLength + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tcp.sport);
  view.setUint16(2, tcp.dport);
  view.setUint32(4, tcp.seq);
  view.setUint32(8, tcp.ack);
  view.setUint16(12, ((headerLength / 4) << 12) | tcp.flags);
  view.setUint16(14, tcp.window);
  view.setUint16(18, tcp.urgent ?? 0);
  bytes.set(options, TCP_HEADER);
  bytes.set(payload, headerLength);
  view.setUint16(16, tcpChecksum(src, dst, bytes));
  return bytes;
}

/** Reads a segment; padding of the options stays part of them. Undefined where its lengths lie. */
export function parseTcp(bytes: Uint8Array): Tcp | undefined {
  if (bytes.length < TCP_HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerLength = (bytes[12]! >> 4) * 4;
  if (headerLength < TCP_HEADER || headerLength > bytes.length) return undefined;
  const urgent = view.getUint16(18);
  return {
    sport: view.getUint16(0),
    dport: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint16(12) & 0xfff,
    window: view.getUint16(14),
    ...(urgent !== 0 && { urgent }),
    options: bytes.slice(TCP_HEADER, headerLength),
    payload: bytes.slice(headerLength),
  };
}

/** Over the pseudo-header and the segment: what goes into its checksum field, or 0 where that is right already. */
export function tcpChecksum(src: string, dst: string, bytes: Uint8Array): number {
  return checksumOf(addWords(bytes, pseudoHeaderSum(src, dst, PROTOCOL.TCP, bytes.length)));
}
