import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addWords, checksumOf } from './checksum.js';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** IP protocol number of TCP. */
export const PROTOCOL_TCP = 6;

/** An IP packet taken apart; the parts are views into it. */
export interface IpParts {
  /** 4 or 16 bytes. */
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Takes an IP packet that carries TCP apart.
 *
 * @returns undefined for other protocols, fragments, IPv6 extension headers, and lengths that lie.
 */
export function splitTcpPacket(packet: Uint8Array): IpParts | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return splitIpv4(packet);
  return version === 6 ? splitIpv6(packet) : undefined;
}

/** Room for the IP header (RFC 791 without options, RFC 8200) and the body, with the header filled in. */
export function newTcpPacket(
  src: Uint8Array,
  dst: Uint8Array,
  bodyLength: number,
): IpParts & { packet: Uint8Array } {
  const headerLength = src.length === 4 ? IPV4_HEADER : IPV6_HEADER;
  const packet = new Uint8Array(headerLength + bodyLength);
  if (packet.length > 0xffff) throw new RangeError(`a packet of ${packet.length} bytes: IP allows 65535`);
  if (src.length === 4) writeIpv4Header(packet, src, dst);
  else writeIpv6Header(packet, src, dst);
  return { packet, src, dst, header: packet.subarray(0, headerLength), body: packet.subarray(headerLength) };
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

function splitIpv4(packet: Uint8Array): IpParts | undefined {
  if (packet.length < IPV4_HEADER) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset);
  const length = view.getUint16(2);
  const headerLength = (packet[0]! & 15) * 4;
  const isFragment = (view.getUint16(6) & 0x3fff) !== 0;
  if (packet[9] !== PROTOCOL_TCP || isFragment) return undefined;
  if (headerLength < IPV4_HEADER || headerLength > length || length > packet.length) return undefined;
  return {
    src: packet.subarray(12, 16),
    dst: packet.subarray(16, 20),
    header: packet.subarray(0, headerLength),
    body: packet.subarray(headerLength, length),
  };
}

function splitIpv6(packet: Uint8Array): IpParts | undefined {
  if (packet.length < IPV6_HEADER || packet[6] !== PROTOCOL_TCP) return undefined;
  const end = IPV6_HEADER + new DataView(packet.buffer, packet.byteOffset).getUint16(4);
  if (end > packet.length) return undefined;
  return {
    src: packet.subarray(8, 24),
    dst: packet.subarray(24, 40),
    header: packet.subarray(0, IPV6_HEADER),
    body: packet.subarray(IPV6_HEADER, end),
  };
}

function writeIpv4Header(packet: Uint8Array, src: Uint8Array, dst: Uint8Array): void {
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.length);
  view.setUint16(6, 0x4000); // do not fragment
  packet[8] = 64;
  packet[9] = PROTOCOL_TCP;
  packet.set(src, 12);
  packet.set(dst, 16);
  view.setUint16(10, checksumOf(addWords(packet.subarray(0, IPV4_HEADER))));
}

function writeIpv6Header(packet: Uint8Array, src: Uint8Array, dst: Uint8Array): void {
  packet[0] = 0x60;
  new DataView(packet.buffer).setUint16(4, packet.length - IPV6_HEADER);
  packet[6] = PROTOCOL_TCP;
  packet[7] = 64;
  packet.set(src, 8);
  packet.set(dst, 24);
}
