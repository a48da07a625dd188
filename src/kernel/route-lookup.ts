import { attribute, type NetlinkSocket, toAttribute } from './netlink.js';

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
  const header = Buffer.alloc(RTMSG.size);
  header[RTMSG.family] = address.length === 4 ? AF_INET : AF_INET6;
  header[RTMSG.prefix] = 8 * address.length;
  return Buffer.concat([header, toAttribute(RTA_DST, address)]);
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
