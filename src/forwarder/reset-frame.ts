import { familyOf } from '../wire/index.js';

/** One end of a connection, in the form in which struct connection has it. */
export interface RawEndpoint {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
}

const ETHERNET_BYTES = 14;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;
const IP_BYTES = { 4: 20, 6: 40 } as const;
const TCP_BYTES = 20;
const TCP = 6;
const HOPS = 64;
const RST = 0x04;

/**
 * An Ethernet frame with a TCP RST from one end to the other. Its MAC addresses are zeros: nobody looks at them before
 * the forwarder writes its own.
 */
export function resetFrame(from: RawEndpoint, to: RawEndpoint, sequence: number): Buffer {
  const family = familyOf(from.address);
  const ipBytes = IP_BYTES[family];
  const frame = Buffer.alloc(ETHERNET_BYTES + ipBytes + TCP_BYTES);
  frame.writeUInt16BE(ETHERTYPE[family], 12);
  const ip = frame.subarray(ETHERNET_BYTES, ETHERNET_BYTES + ipBytes);
  const tcp = frame.subarray(ETHERNET_BYTES + ipBytes);
  const [source, destination] = [from.address, to.address].map((address) =>
    family === 4 ? address.subarray(12) : address,
  ) as [Uint8Array, Uint8Array];
  if (family === 4) fillIpv4(ip, source, destination);
  else fillIpv6(ip, source, destination);

  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt8((TCP_BYTES / 4) << 4, 12);
  tcp.writeUInt8(RST, 13);
  tcp.writeUInt16BE(checksum(source, destination, Buffer.from([0, TCP, 0, TCP_BYTES]), tcp), 16);
  return frame;
}

function fillIpv4(ip: Buffer, source: Uint8Array, destination: Uint8Array): void {
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(ip.length + TCP_BYTES, 2);
  ip.writeUInt8(HOPS, 8);
  ip.writeUInt8(TCP, 9);
  ip.set(source, 12);
  ip.set(destination, 16);
  ip.writeUInt16BE(checksum(ip), 10);
}

function fillIpv6(ip: Buffer, source: Uint8Array, destination: Uint8Array): void {
  ip.writeUInt8(0x60, 0);
  ip.writeUInt16BE(TCP_BYTES, 4);
  ip.writeUInt8(TCP, 6);
  ip.writeUInt8(HOPS, 7);
  ip.set(source, 8);
  ip.set(destination, 24);
}

/** The internet checksum (RFC 1071) over parts of even lengths. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; at += 2) sum += (part[at]! << 8) | part[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
