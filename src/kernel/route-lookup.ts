import { attribute, type NetlinkSocket } from './netlink.js';

/** From include/uapi/linux/rtnetlink.h and socket.h. */
const RTM_GETROUTE = 26;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_VIA = 18;
const RTN_UNICAST = 1;
const RTN_LOCAL = 2;
const AF_INET = 2;
const AF_INET6 = 10;
/** struct rtmsg */
const RTMSG = { size: 12, family: 0, prefix: 1, type: 7 } as const;

/** Bytes of struct nlattr. */
const ATTRIBUTE = 4;

/** How the kernel reaches an address. */
export interface RouteFound {
  /** Whether it is the host's own. */
  readonly isLocal: boolean;
  /** The interface's number. */
  readonly ifindex: number;
  /** The next hop, 4 or 16 bytes, where it is not the address itself. */
  readonly gateway?: Uint8Array;
}

/**
 * The routes by which this network namespace would send to some addresses now, as `ip route get` tells them.
 *
 * @param addresses of 4 or 16 bytes.
 * @returns for each, in their order; undefined where there is none that leads to one host.
 * @throws {KernelError} where there is no netlink
 */
export function lookUpRoutes(
  socket: NetlinkSocket,
  addresses: readonly Uint8Array[],
): (RouteFound | undefined)[] {
  const found: (RouteFound | undefined)[] = [];
  socket.get(RTM_GETROUTE, addresses.map(toRequest), ({ errno, body }) => {
    found.push(errno === 0 ? toRoute(body) : undefined);
  });
  return found;
}

function toRequest(address: Uint8Array): Buffer {
  const { length } = address;
  const request = Buffer.alloc(RTMSG.size + ATTRIBUTE + length);
  request[RTMSG.family] = length === 4 ? AF_INET : AF_INET6;
  request[RTMSG.prefix] = 8 * length;
  request.writeUInt16LE(ATTRIBUTE + length, RTMSG.size);
  request.writeUInt16LE(RTA_DST, RTMSG.size + 2);
  request.set(address, RTMSG.size + ATTRIBUTE);
  return request;
}

function toRoute(body: Buffer): RouteFound | undefined {
  const type = body[RTMSG.type];
  if (type !== RTN_UNICAST && type !== RTN_LOCAL) return undefined;
  const value = (attributeType: number) => attribute(body, RTMSG.size, attributeType);
  // RTA_VIA begins with the address family.
  const gateway = value(RTA_GATEWAY) ?? value(RTA_VIA)?.subarray(2);
  return {
    isLocal: type === RTN_LOCAL,
    ifindex: value(RTA_OIF)?.readUInt32LE() ?? 0,
    ...(gateway !== undefined && { gateway: Uint8Array.from(gateway) }),
  };
}
