import { buildIp, DO_NOT_FRAGMENT, type IpHeader, PROTOCOL } from '../../../src/lab/ip-packet.js';
import { buildPacket, type Ethernet, type IcmpFrame, type TcpFrame } from '../packets/frame.js';
import { type Icmp, icmpProtocol } from '../packets/icmp.js';
import type { Endpoint } from './structs.js';

const TTL = 64;
/** What an error of ours quotes behind the IP header: ports and sequence number. */
const QUOTED_TCP = 8;

function versionOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function headerOf(src: string, dst: string, ttl = TTL): IpHeader {
  const version = versionOf(src);
  return {
    src,
    dst,
    protocol: icmpProtocol(version),
    ttl,
    tos: 0,
    id: 0,
    fragment: version === 4 ? DO_NOT_FRAGMENT : 0,
    options: new Uint8Array(),
    flowLabel: 0,
  };
}

/** An error that a router on the way sends about a frame it got, quoting so many bytes of its packet. */
export function errorAbout(
  sent: TcpFrame,
  router: string,
  icmp: Omit<Icmp, 'payload'>,
  quote = Number.POSITIVE_INFINITY,
): IcmpFrame {
  const { source, destination, vlan } = sent.ethernet;
  return {
    ethernet: { source: destination, destination: source, ...(vlan !== undefined && { vlan }) },
    ip: { ...headerOf(router, sent.ip.src, 61), tos: 0xc0 },
    icmp: { ...icmp, payload: buildPacket(sent).slice(0, quote) },
  };
}

/** A segment as its sender knows it, as far as an error quotes it. */
export interface Quoted {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly seq: number;
  /** Of the whole IP packet. */
  readonly length: number;
  readonly ttl: number;
  readonly id: number;
}

/** The error that a sender is to get from us: from whom it sent its segment to, and about that segment. */
export function errorTo(quoted: Quoted, ethernet: Ethernet, icmp: Omit<Icmp, 'payload'>): IcmpFrame {
  const { from, to } = quoted;
  return {
    ethernet,
    ip: headerOf(to.address, from.address),
    icmp: { ...icmp, payload: quotedBytes(quoted) },
  };
}

/** The quoted IP header with its whole packet's length, and the 8 bytes behind it. */
function quotedBytes({ from, to, seq, length, ttl, id }: Quoted): Uint8Array {
  const isIpv4 = versionOf(from.address) === 4;
  const headerLength = isIpv4 ? 20 : 40;
  const header = { ...headerOf(from.address, to.address, ttl), protocol: PROTOCOL.TCP, id };
  const packet = buildIp(header, new Uint8Array(length - headerLength));
  const view = new DataView(packet.buffer, headerLength);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, seq);
  return packet.slice(0, headerLength + QUOTED_TCP);
}
