import { buildIp, type IpHeader, PROTOCOL, parseIp } from '../../../src/lab/ip-packet.js';
import { buildTcp, parseTcp, type Tcp } from '../../../src/lab/tcp.js';
import { buildIcmp, type Icmp, parseIcmp } from './icmp.js';

/** An Ethernet header; what follows it is told by the IP version. */
export interface Ethernet {
  /** MAC addresses, `02:00:00:00:00:01`. */
  readonly source: string;
  readonly destination: string;
  /** The tag's two bytes (IEEE 802.1Q: priority, DEI, id), where there is a tag. */
  readonly vlan?: number;
}

/** What an IP packet carries. */
export type Body = { readonly tcp: Tcp } | { readonly icmp: Icmp } | { readonly raw: Uint8Array };

interface Envelope {
  readonly ethernet: Ethernet;
  readonly ip: IpHeader;
  /** Ethernet's filling behind the IP packet, in short frames. */
  readonly padding?: Uint8Array;
}

/** A frame as a description: everything that does not follow from the rest. */
export type Frame = Envelope & Body;
export type TcpFrame = Envelope & { readonly tcp: Tcp };
export type IcmpFrame = Envelope & { readonly icmp: Icmp };

const ETHERTYPE = { IPV4: 0x0800, VLAN: 0x8100, IPV6: 0x86dd } as const;
const MAC_BYTES = 6;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/** The bytes of a frame, all lengths and checksums right. */
export function buildFrame(frame: Frame): Uint8Array {
  const packet = buildPacket(frame);
  const type = packet[0]! >> 4 === 4 ? ETHERTYPE.IPV4 : ETHERTYPE.IPV6;
  const { source, destination, vlan } = frame.ethernet;
  const types = vlan === undefined ? [type] : [ETHERTYPE.VLAN, vlan, type];
  const header = [
    ...macBytes(destination),
    ...macBytes(source),
    ...types.flatMap((word) => [word >> 8, word & 0xff]),
  ];
  return Uint8Array.from([...header, ...packet, ...(frame.padding ?? [])]);
}

/** The IP packet in a frame. */
export function buildPacket({ ip, ...body }: Frame): Uint8Array {
  return buildIp(ip, buildBody(ip, body));
}

/** Reads a frame; undefined for anything but IP in Ethernet, with a tag or without, of right lengths. */
export function parseFrame(frame: Uint8Array): Frame | undefined {
  const bytes = Uint8Array.from(frame);
  const view = new DataView(bytes.buffer);
  const isTagged = bytes.length >= 18 && view.getUint16(12) === ETHERTYPE.VLAN;
  const ipAt = isTagged ? 18 : 14;
  if (bytes.length < ipAt) return undefined;
  const type = view.getUint16(ipAt - 2);
  const packet = parseIp(bytes.subarray(ipAt));
  if (packet === undefined || type !== (bytes[ipAt]! >> 4 === 4 ? ETHERTYPE.IPV4 : ETHERTYPE.IPV6))
    return undefined;
  const body = parseBody(packet.header, packet.body);
  const padding = bytes.slice(packet.body.byteOffset + packet.body.length);
  return (
    body && {
      ethernet: {
        source: macText(bytes.subarray(MAC_BYTES, 2 * MAC_BYTES)),
        destination: macText(bytes.subarray(0, MAC_BYTES)),
        ...(isTagged && { vlan: view.getUint16(14) }),
      },
      ip: packet.header,
      ...body,
      ...(padding.length > 0 && { padding }),
    }
  );
}

/** A MAC address's six bytes. */
export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}

function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function buildBody({ src, dst, protocol }: IpHeader, body: Body): Uint8Array {
  if ('tcp' in body) return buildTcp(body.tcp, src, dst);
  return 'icmp' in body ? buildIcmp(body.icmp, src, dst, protocol) : body.raw;
}

function parseBody({ protocol, fragment }: IpHeader, bytes: Uint8Array): Body | undefined {
  if ((fragment & MORE_FRAGMENTS_OR_OFFSET) !== 0) return { raw: bytes.slice() };
  if (protocol === PROTOCOL.TCP) {
    const tcp = parseTcp(bytes);
    return tcp && { tcp };
  }
  if (protocol === PROTOCOL.ICMP || protocol === PROTOCOL.ICMPV6) {
    const icmp = parseIcmp(bytes);
    return icmp && { icmp };
  }
  return { raw: bytes.slice() };
}
