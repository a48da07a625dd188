import { attribute, NETLINK, NetlinkSocket, toAttribute } from './netlink.js';

/** From include/uapi/linux/genetlink.h: what tells the number of a family. */
const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
/** struct genlmsghdr */
const GENL_HEADER = 4;

/** From include/uapi/linux/netdev.h (Linux 6.3). */
const NETDEV_CMD_DEV_GET = 1;
const NETDEV_A_DEV_IFINDEX = 1;
const NETDEV_A_DEV_XDP_FEATURES = 3;
const NETDEV_XDP_ACT_NDO_XMIT = 4n;

/**
 * Whether an interface now sends frames that an XDP program redirects to it; the kernel drops them where it does not.
 * A veth does when its other end has NAPI: `gro on`, or an XDP program.
 *
 * @returns undefined where the kernel does not tell (before Linux 6.3), or has no such interface.
 * @throws {KernelError} where there is no netlink
 */
export function takesRedirects(ifindex: number): boolean | undefined {
  using socket = new NetlinkSocket(NETLINK.generic);
  const name = toAttribute(CTRL_ATTR_FAMILY_NAME, Buffer.from('netdev\0'));
  const family = ask(socket, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name, CTRL_ATTR_FAMILY_ID);
  if (family === undefined) return undefined;
  const index = Buffer.alloc(4);
  index.writeUInt32LE(ifindex);
  const device = toAttribute(NETDEV_A_DEV_IFINDEX, index);
  const features = ask(socket, family.readUInt16LE(), NETDEV_CMD_DEV_GET, device, NETDEV_A_DEV_XDP_FEATURES);
  return features && (features.readBigUInt64LE() & NETDEV_XDP_ACT_NDO_XMIT) !== 0n;
}

/** One attribute of the answer to a command. */
function ask(
  socket: NetlinkSocket,
  family: number,
  command: number,
  payload: Uint8Array,
  wanted: number,
): Buffer | undefined {
  const header = Buffer.alloc(GENL_HEADER);
  header[0] = command;
  header[1] = 1;
  let value: Buffer | undefined;
  socket.get(family, [Buffer.concat([header, payload])], ({ errno, body }) => {
    const found = errno === 0 ? attribute(body, GENL_HEADER, wanted) : undefined;
    value = found && Buffer.from(found);
  });
  return value;
}
