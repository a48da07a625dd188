import { buildIp, headerChecksumIsRight, type IpPacket, PROTOCOL, parseIp } from './ip-packet.js';
import { buildTcp, parseTcp, type Tcp, tcpChecksum } from './tcp.js';

export { FLAG } from './tcp.js';

/** A TCP segment in an IP packet with an ordinary header. */
export interface Segment extends Tcp {
  /** Addresses as text; both IPv4 or both IPv6. */
  readonly src: string;
  readonly dst: string;
}

const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/**
 * The IP packet of a segment, with correct checksums. Options whose length is no multiple of 4 are filled up
 * with EOL (0).
 *
 * @throws {RangeError} for more than 40 option bytes, mixed address families, or a packet that is too long.
 */
export function buildSegment(segment: Segment): Uint8Array {
  const { src, dst } = segment;
  return buildIp({ src, dst, protocol: PROTOCOL.TCP }, buildTcp(segment, src, dst));
}

/**
 * Reads an IP packet. Padding of the options stays part of them. Checksums are not looked at: see
 * {@link checksumsAreRight}.
 *
 * @returns undefined for anything but a whole TCP segment (other protocols, fragments, IPv6 extension
 *   headers, lengths that lie).
 */
export function parseSegment(packet: Uint8Array): Segment | undefined {
  const ip = parseTcpPacket(packet);
  const tcp = ip && parseTcp(ip.body);
  return tcp && { src: ip.header.src, dst: ip.header.dst, ...tcp };
}

/** Whether the TCP checksum, and for IPv4 the header checksum, fit the packet. False where there is no segment. */
export function checksumsAreRight(packet: Uint8Array): boolean {
  const ip = parseTcpPacket(packet);
  if (ip === undefined) return false;
  const { src, dst } = ip.header;
  return headerChecksumIsRight(packet) && tcpChecksum(src, dst, ip.body) === 0;
}

function parseTcpPacket(packet: Uint8Array): IpPacket | undefined {
  const ip = parseIp(packet);
  if (ip?.header.protocol !== PROTOCOL.TCP || ip.header.fragment & MORE_FRAGMENTS_OR_OFFSET) return undefined;
  return ip;
}
