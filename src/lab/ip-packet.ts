import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addWords, checksumOf } from './checksum.js';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** IP protocol numbers. */
export const PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 } as const;

/** The flag of an IPv4 packet that no router may fragment, among the fragment bits (RFC 791 section 3.1). */
export const DO_NOT_FRAGMENT = 0x4000;

/** What an IP header says, without what follows from the rest (lengths, checksum). */
export interface IpHeader {
  /** Addresses as text; both IPv4 or both IPv6. */
  readonly src: string;
  readonly dst: string;
  /** {@link PROTOCOL}; of IPv6 the next header, which may be an extension. */
  readonly protocol: number;
  /** Of IPv6 the hop limit. */
  readonly ttl: number;
  /** Of IPv6 the traffic class. */
  readonly tos: number;
  /** IPv4: identification; 0 in IPv6. */
  readonly id: number;
  /** IPv4: the word of flags and fragment offset; 0 in IPv6. */
  readonly fragment: number;
  /** IPv4: the option bytes, a multiple of 4 and at most 40; none in IPv6. */
  readonly options: Uint8Array;
  /** IPv6; 0 in IPv4. */
  readonly flowLabel: number;
}

/** An IP packet taken apart. The body is a view into it. */
export interface IpPacket {
  readonly header: IpHeader;
  readonly body: Uint8Array;
}

const ORDINARY = { ttl: 64, tos: 0, id: 0, options: new Uint8Array(), flowLabel: 0 } as const;

type Given = Pick<IpHeader, 'src' | 'dst' | 'protocol'> & Partial<IpHeader>;

/**
 * The IP packet (RFC 791, RFC 8200) around a body; what is not given of its header is ordinary, and IPv4 packets
 * ask not to be fragmented.
 *
 * @throws {RangeError} for mixed address families, or a packet that is too long.
 */
export function buildIp(given: Given, body: Uint8Array): Uint8Array {
  const src = addressBytes(given.src);
  const dst = addressBytes(given.dst);
  if (src.length !== dst.length) {
    throw new RangeError(`${given.src} -> ${given.dst}: one packet cannot mix address families`);
  }
  const header = { ...ORDINARY, fragment: DO_NOT_FRAGMENT, ...given };
  const headerLength = src.length === 4 ? IPV4_HEADER + header.options.length : IPV6_HEADER;
  const packet = new Uint8Array(headerLength + body.length);
  if (packet.length > 0xffff) throw new RangeError(`a packet of ${packet.length} bytes: IP allows 65535`);
  packet.set(body, headerLength);
  if (src.length === 4) writeIpv4Header(packet.subarray(0, headerLength), packet.length, header);
  else writeIpv6Header(packet, body.length, header);
  return packet;
}

/** Takes an IP packet apart, as long as it says it is; undefined where its lengths lie. */
export function parseIp(packet: Uint8Array): IpPacket | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return parseIpv4(packet);
  return version === 6 ? parseIpv6(packet) : undefined;
}

/** Whether the checksum in an IPv4 header fits; IPv6 has none, which is right. */
export function headerChecksumIsRight(packet: Uint8Array): boolean {
  return packet[0]! >> 4 === 6 || checksumOf(addWords(packet.subarray(0, (packet[0]! & 15) * 4))) === 0;
}

/** The sum to continue with {@link addWords} over a body (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export function pseudoHeaderSum(src: string, dst: string, protocol: number, length: number): number {
  return addWords(addressBytes(dst), addWords(addressBytes(src))) + protocol + length;
}

/** 4 or 16 bytes of an address given as text. */
export function addressBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  return Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray());
}

/** The text of an address given as 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : new ipaddr.IPv6([...bytes]).toRFC5952String();
}

function parseIpv4(packet: Uint8Array): IpPacket | undefined {
  if (packet.length < IPV4_HEADER) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset);
  const length = view.getUint16(2);
  const headerLength = (packet[0]! & 15) * 4;
  if (headerLength < IPV4_HEADER || headerLength > length || length > packet.length) return undefined;
  const header = {
    src: addressText(packet.subarray(12, 16)),
    dst: addressText(packet.subarray(16, 20)),
    protocol: packet[9]!,
    ttl: packet[8]!,
    tos: packet[1]!,
    id: view.getUint16(4),
    fragment: view.getUint16(6),
    options: packet.slice(IPV4_HEADER, headerLength),
    flowLabel: 0,
  };
  return { header, body: packet.subarray(headerLength, length) };
}

function parseIpv6(packet: Uint8Array): IpPacket | undefined {
  if (packet.length < IPV6_HEADER) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset);
  const end = IPV6_HEADER + view.getUint16(4);
  if (end > packet.length) return undefined;
  const first = view.getUint32(0);
  const header = {
    src: addressText(packet.subarray(8, 24)),
    dst: addressText(packet.subarray(24, 40)),
    protocol: packet[6]!,
    ttl: packet[7]!,
    tos: (first >>> 20) & 0xff,
    id: 0,
    fragment: 0,
    options: new Uint8Array(),
    flowLabel: first & 0xfffff,
  };
  return { header, body: packet.subarray(IPV6_HEADER, end) };
}

function writeIpv4Header(bytes: Uint8Array, totalLength: number, header: IpHeader): void {
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x40 | (bytes.length / 4);
  bytes[1] = header.tos;
  view.setUint16(2, totalLength);
  view.setUint16(4, header.id);
  view.setUint16(6, header.fragment);
  bytes[8] = header.ttl;
  bytes[9] = header.protocol;
  bytes.set(addressBytes(header.src), 12);
  bytes.set(addressBytes(header.dst), 16);
  bytes.set(header.options, IPV4_HEADER);
  view.setUint16(10, checksumOf(addWords(bytes)));
}

function writeIpv6Header(packet: Uint8Array, bodyLength: number, header: IpHeader): void {
  const view = new DataView(packet.buffer);
  view.setUint32(0, ((6 << 28) | (header.tos << 20) | header.flowLabel) >>> 0);
  view.setUint16(4, bodyLength);
  packet[6] = header.protocol;
  packet[7] = header.ttl;
  packet.set(addressBytes(header.src), 8);
  packet.set(addressBytes(header.dst), 24);
}
