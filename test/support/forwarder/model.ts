import { DO_NOT_FRAGMENT, type IpHeader } from '../../../src/lab/ip-packet.js';
import { FLAG, type Tcp } from '../../../src/lab/tcp.js';
import { buildPacket, type Ethernet, parseFrame, type TcpFrame } from '../packets/frame.js';
import {
  clampMss,
  scrubbed,
  shiftSackEdges,
  shiftTimestampEcho,
  shiftTimestampValue,
  withoutTimestamps,
} from './model-options.js';
import type { Endpoint } from './structs.js';

/**
 * What the forwarder is to make of a connection's segments, written down from what TCP (RFC 9293), NAT64 (RFC 7915) and
 * TOA ask for.
 */
export interface Translation {
  readonly client: Endpoint;
  readonly listen: Endpoint;
  readonly local: Endpoint;
  readonly backend: Endpoint;
  /** Added to the client's sequence numbers. */
  readonly sequenceShift: number;
  /** Added to the client's timestamps. */
  readonly timestampShift: number;
  /** Of frames to each side; the tag without its priority, which is the sender's. */
  readonly toBackend: Ethernet;
  readonly toClient: Ethernet;
  /** What the backend's MSS is cut to: the client's segments fit through the route to the backend. */
  readonly mssMost: number;
  /** Taken off it, so that they have room for TOA. */
  readonly mssLess: number;
  /** Whether they are taken out of both SYNs. */
  readonly stripsTimestamps: boolean;
}

/**
 * A client's segment as it leaves, with these options instead of its own; timestamps are still to be shifted there.
 * Without a chance for TOA it is scrubbed all the same: what completes a handshake is the backend's affair.
 */
export function toBackend(
  frame: TcpFrame,
  by: Translation,
  options: Uint8Array = scrubbed(frame.tcp.options),
): TcpFrame {
  const tcp: Tcp = {
    ...frame.tcp,
    sport: by.local.port,
    dport: by.backend.port,
    seq: (frame.tcp.seq + by.sequenceShift) >>> 0,
    options: shiftTimestampValue(options, by.timestampShift),
  };
  return {
    ...frame,
    ethernet: withPriority(by.toBackend, frame.ethernet),
    ip: translateIp(frame, by.local.address, by.backend.address),
    tcp,
  };
}

/** A backend's segment as it leaves. */
export function toClient(frame: TcpFrame, by: Translation): TcpFrame {
  const { flags, ack } = frame.tcp;
  const shifted = shiftSackEdges(shiftTimestampEcho(frame.tcp.options, by.timestampShift), by.sequenceShift);
  const tcp: Tcp = {
    ...frame.tcp,
    sport: by.listen.port,
    dport: by.client.port,
    ack: flags & FLAG.ACK ? (ack - by.sequenceShift) >>> 0 : ack,
    options: flags & FLAG.SYN ? synOptions(shifted, by) : shifted,
  };
  return {
    ...frame,
    ethernet: withPriority(by.toClient, frame.ethernet),
    ip: translateIp(frame, by.listen.address, by.client.address),
    tcp,
  };
}

function synOptions(options: Uint8Array, { mssMost, mssLess, stripsTimestamps }: Translation): Uint8Array {
  const clamped = clampMss(options, mssMost, mssLess);
  return stripsTimestamps ? withoutTimestamps(clamped) : clamped;
}

/** What every IPv6 path carries, and therefore no IPv6 sender goes below. */
const IPV6_SMALLEST_MTU = 1280;

/**
 * The IP header behind the forwarder, which is a router (TTL) and, between versions, a translator (RFC 7915). Where
 * routers may fragment a packet, it has an id, any, which is left at 0 here.
 */
function translateIp(frame: TcpFrame, src: string, dst: string): IpHeader {
  const { ip } = frame;
  const routed = { ...ip, src, dst, ttl: ip.ttl - 1 };
  if (ip.src.includes(':') === src.includes(':')) return routed;
  const toIpv4 = !src.includes(':');
  return {
    ...routed,
    id: 0,
    fragment: toIpv4 && buildPacket(frame).length > IPV6_SMALLEST_MTU ? DO_NOT_FRAGMENT : 0,
    options: new Uint8Array(),
    flowLabel: 0,
  };
}

/** What is expected, with the id that the frame left with where {@link translateIp} leaves it open. */
export function withAnyId(expected: TcpFrame, { ip }: TcpFrame, left: Uint8Array): TcpFrame {
  const isGiven = ip.src.includes(':') && !expected.ip.src.includes(':') && expected.ip.fragment === 0;
  return isGiven ? { ...expected, ip: { ...expected.ip, id: parseFrame(left)?.ip.id ?? 0 } } : expected;
}

const VLAN_ID = 0x0fff;

function withPriority(to: Ethernet, from: Ethernet): Ethernet {
  if (to.vlan === undefined) return to;
  return { ...to, vlan: to.vlan | ((from.vlan ?? 0) & ~VLAN_ID) };
}
