import type { Descriptor } from './descriptor.js';
import { errnoName } from './errors.js';
import { interfaceMtu, mergesReceived } from './interface.js';
import { type Answer, NetlinkSocket, toAttribute } from './netlink.js';

/** From include/uapi/linux/rtnetlink.h and if_link.h. */
const RTM_SETLINK = 19;
const IFLA_XDP_NESTED = 43 | 0x8000;
const IFLA_XDP_FD = 1;
const IFLA_XDP_FLAGS = 3;
const XDP_FLAGS_UPDATE_IF_NOEXIST = 1;
const IFINFOMSG = { size: 16, ifindex: 4 } as const;

const EBUSY = 16;
const EOPNOTSUPP = 95;

/** An interface does not take an XDP program. The message says why, and what to do. */
export class XdpRefusedError extends Error {
  override readonly name = 'XdpRefusedError';
  /** Positive errno value. */
  readonly errno: number;

  /** @param words of the driver; empty where it has none. */
  constructor(interfaceName: string, errno: number, words: string) {
    const said = words === '' ? errnoName(errno) : `${errnoName(errno)}, "${words}"`;
    const facts = { mtu: interfaceMtu(interfaceName), lro: mergesReceived(interfaceName) };
    super(
      `${interfaceName} takes no XDP program (${said}): ${remedyFor(interfaceName, errno, words, facts)}`,
    );
    this.errno = errno;
  }
}

/**
 * The driver's own words about an XDP program that it has just refused. Only netlink passes them on, so it is asked the
 * same once more.
 */
export function askWhy(program: Descriptor, ifindex: number, mode: number): string {
  const { errno, words } = setXdp(ifindex, program.fd, XDP_FLAGS_UPDATE_IF_NOEXIST | mode);
  // It takes it now, after all: whoever asked goes by the refusal.
  if (errno === 0) setXdp(ifindex, -1, mode);
  return words;
}

function setXdp(ifindex: number, fd: number, flags: number): Answer {
  const link = Buffer.alloc(IFINFOMSG.size);
  link.writeInt32LE(ifindex, IFINFOMSG.ifindex);
  const xdp = Buffer.concat([toAttribute(IFLA_XDP_FD, int32(fd)), toAttribute(IFLA_XDP_FLAGS, int32(flags))]);
  using socket = new NetlinkSocket();
  return socket.set(RTM_SETLINK, Buffer.concat([link, toAttribute(IFLA_XDP_NESTED, xdp)]));
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** What can be told of an interface without its driver's help. */
export interface InterfaceFacts {
  readonly mtu: number | undefined;
  readonly lro: boolean;
}

/** A frame and the room around it are one page; drivers differ in how much of it they take for themselves. */
const LARGEST_CERTAIN_MTU = 3000;

/** What to do, by the driver's words, and where it has none, by what the interface looks like. */
export function remedyFor(name: string, errno: number, words: string, { mtu, lro }: InterfaceFacts): string {
  const says = (pattern: RegExp) => pattern.test(words);
  const silent = words === '';
  if (errno === EBUSY || says(/already attached|active program|at the same time/i))
    return (
      `another program has it, see \`ip link show dev ${name}\`: remove that one with ` +
      `\`ip link set dev ${name} xdp off\`, or by what attached it`
    );
  if (says(/LRO|GRO_HW|CSUM/) || (silent && lro))
    return (
      `switch off what merges packets: \`ethtool -K ${name} lro off rx-gro-hw off\`` +
      (says(/CSUM/) ? `, \`ethtool -K ${name} rx off\`, or the same in the virtual machine's settings` : '')
    );
  if (says(/native|driver mode/i) || (silent && errno === EOPNOTSUPP))
    return 'its driver has no native XDP: use another interface, or `generic: true`, which is slow';
  if (says(/MTU|frame size|linear/i) || (silent && mtu !== undefined && mtu > LARGEST_CERTAIN_MTU))
    return (
      `a frame must fit into a page: lower the MTU${mtu === undefined ? '' : ` (${mtu} now)`} here and at the ` +
      `other end of a veth, \`ip link set dev ${name} mtu 1500\``
    );
  if (says(/queue|channel|ring/i))
    return `it wants queues of its own for each CPU: use fewer, such as \`ethtool -L ${name} combined 1\``;
  return `see \`dmesg\` and \`ethtool -k ${name}\``;
}
