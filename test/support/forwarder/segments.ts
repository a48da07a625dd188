import { DO_NOT_FRAGMENT, type IpHeader, PROTOCOL } from '../../../src/lab/ip-packet.js';
import { FLAG, type Tcp } from '../../../src/lab/tcp.js';
import type { TcpFrame } from '../packets/frame.js';
import type { Endpoint } from './structs.js';

/** What a segment may differ in from the ordinary next one of its side. */
export interface Part extends Partial<Tcp> {
  readonly ip?: Partial<IpHeader>;
  readonly vlan?: number;
  readonly padding?: Uint8Array;
}

const NOTHING = new Uint8Array();
let nextPort = 10_000;

/** A client that no dialogue had before. */
export function newClient(address = '203.0.113.7'): Endpoint {
  nextPort += 1;
  return { address, port: nextPort };
}

/** An ordinary frame with a segment, from a host behind a router to the forwarder. */
export function frameBetween(
  from: Endpoint,
  to: Endpoint,
  part: Part,
  source: string,
  destination: string,
): TcpFrame {
  const { ip, vlan, padding, ...tcp } = part;
  const isIpv4 = !from.address.includes(':');
  return {
    ethernet: { source, destination, ...(vlan !== undefined && { vlan }) },
    ip: {
      src: from.address,
      dst: to.address,
      protocol: PROTOCOL.TCP,
      ttl: 61,
      tos: 0x28,
      id: isIpv4 ? 0x4321 : 0,
      fragment: isIpv4 ? DO_NOT_FRAGMENT : 0,
      options: NOTHING,
      flowLabel: isIpv4 ? 0 : 0x54321,
      ...ip,
    },
    tcp: {
      sport: from.port,
      dport: to.port,
      seq: 0,
      ack: 0,
      flags: FLAG.ACK,
      window: 501,
      options: NOTHING,
      payload: NOTHING,
      ...tcp,
    },
    ...(padding && { padding }),
  };
}

/** The sequence number behind a segment. */
export function after({ seq, flags, payload }: Tcp): number {
  return (seq + payload.length + (flags & FLAG.SYN ? 1 : 0) + (flags & FLAG.FIN ? 1 : 0)) >>> 0;
}
