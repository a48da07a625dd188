import { addWords, checksumOf } from './checksum.js';
import { addressBytes, addressText, newTcpPacket, PROTOCOL_TCP, splitTcpPacket } from './ip-packet.js';

/** TCP control bits (RFC 9293 section 3.1). */
export const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const;

/** A TCP segment in an IP packet, without what follows from the rest (lengths, checksums). */
export interface Segment {
  /** Addresses as text; both IPv4 or both IPv6. */
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  /** Sequence and acknowledgment number, 0 to 2^32 - 1. */
  readonly seq: number;
  readonly ack: number;
  /** {@link FLAG}s, or-ed. */
  readonly flags: number;
  /** As on the wire: not scaled. */
  readonly window: number;
  /** The option bytes as they are, sense or nonsense; at most 40. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

const TCP_HEADER = 20;
const MAX_OPTIONS = 40;

/**
 * The IP packet of a segment, with correct checksums. Options whose length is no multiple of 4 are filled up
 * with EOL (0).
 *
 * @throws {RangeError} for more than 40 option bytes, mixed address families, or a packet that is too long.
 */
export function buildSegment(segment: Segment): Uint8Array {
  const { options, payload } = segment;
  if (options.length > MAX_OPTIONS) {
    throw new RangeError(`${options.length} bytes of TCP options: the header has room for ${MAX_OPTIONS}`);
  }
  const src = addressBytes(segment.src);
  const dst = addressBytes(segment.dst);
  if (src.length !== dst.length) {
    throw new RangeError(`${segment.src} -> ${segment.dst}: one segment cannot mix address families`);
  }
  const headerLength = TCP_HEADER + Math.ceil(options.length / 4) * 4;
  const { packet, body: tcp } = newTcpPacket(src, dst, headerLength + payload.length);
  const view = new DataView(tcp.buffer, tcp.byteOffset);
  view.setUint16(0, segment.sport);
  view.setUint16(2, segment.dport);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  tcp[12] = (headerLength / 4) << 4;
  tcp[13] = segment.flags;
  view.setUint16(14, segment.window);
  tcp.set(options, TCP_HEADER);
  tcp.set(payload, headerLength);
  view.setUint16(16, tcpChecksum(src, dst, tcp));
  return packet;
}

/**
 * Reads an IP packet. Padding of the options stays part of them. Checksums are not looked at: see
 * {@link checksumsAreRight}.
 *
 * @returns undefined for anything but a whole TCP segment (other protocols, fragments, IPv6 extension
 *   headers, lengths that lie).
 */
export function parseSegment(packet: Uint8Array): Segment | undefined {
  const parts = splitTcpPacket(packet);
  if (parts === undefined || parts.body.length < TCP_HEADER) return undefined;
  const { src, dst, body: tcp } = parts;
  const view = new DataView(tcp.buffer, tcp.byteOffset);
  const headerLength = (tcp[12]! >> 4) * 4;
  if (headerLength < TCP_HEADER || headerLength > tcp.length) return undefined;
  return {
    src: addressText(src),
    dst: addressText(dst),
    sport: view.getUint16(0),
    dport: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: tcp[13]!,
    window: view.getUint16(14),
    options: tcp.slice(TCP_HEADER, headerLength),
    payload: tcp.slice(headerLength),
  };
}

/** Whether the TCP checksum, and for IPv4 the header checksum, fit the packet. False where there is no segment. */
export function checksumsAreRight(packet: Uint8Array): boolean {
  const parts = splitTcpPacket(packet);
  if (parts === undefined) return false;
  const { src, dst, header, body } = parts;
  const headerIsRight = src.length === 16 || checksumOf(addWords(header)) === 0;
  return headerIsRight && tcpChecksum(src, dst, body) === 0;
}

/** Over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) and the segment. */
function tcpChecksum(src: Uint8Array, dst: Uint8Array, tcp: Uint8Array): number {
  const addresses = addWords(dst, addWords(src));
  return checksumOf(addWords(tcp, addresses + PROTOCOL_TCP + tcp.length));
}
