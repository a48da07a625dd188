import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { NativeMemory } from './memory.js';

/** struct ifreq of include/uapi/linux/if.h. */
const IFREQ = { size: 40, name: 0, value: 16 } as const;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;

/** From include/uapi/linux/sockios.h and ethtool.h. */
const SIOCGIFMTU = 0x8921;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GFLAGS = 0x25;
const ETH_FLAG_RXVLAN = 1 << 8;
const ETH_FLAG_LRO = 1 << 15;

// null: the symbols of the running program, so also those of whichever C library it uses.
const libc = koffi.load(null);
const nameToIndex = libc.func('unsigned int if_nametoindex(str name)');
const indexToName = libc.func('str if_indextoname(unsigned int index, void *name)');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');

/**
 * The kernel's number of a network interface.
 *
 * @returns undefined where this network namespace has none of that name.
 */
export function interfaceIndex(name: string): number | undefined {
  return nameToIndex(name) || undefined;
}

/** The name of an interface, by its number; undefined where this network namespace has none of that number. */
export function interfaceName(index: number): string | undefined {
  return indexToName(index, Buffer.alloc(IFREQ.value)) ?? undefined;
}

/** The largest packet an interface takes, in bytes; undefined where it is gone. */
export function interfaceMtu(name: string): number | undefined {
  return ask(name, SIOCGIFMTU, Buffer.alloc(0))?.readInt32LE(IFREQ.value);
}

/** Whether an interface merges what it receives by itself (large receive offload), with which no XDP program works. */
export function mergesReceived(name: string): boolean {
  return (offloadsOf(name) & ETH_FLAG_LRO) !== 0;
}

/** Whether an interface takes VLAN tags off what it receives (`rxvlan on`), so that an XDP program never sees them. */
export function takesOffVlanTags(name: string): boolean {
  return (offloadsOf(name) & ETH_FLAG_RXVLAN) !== 0;
}

/** ETH_FLAG_*; none where the interface is gone. */
function offloadsOf(name: string): number {
  using flags = new NativeMemory(8);
  flags.bytes.writeUInt32LE(ETHTOOL_GFLAGS);
  const pointer = Buffer.alloc(8);
  pointer.writeBigUInt64LE(flags.address);
  return ask(name, SIOCETHTOOL, pointer) === undefined ? 0 : flags.bytes.readUInt32LE(4);
}

function ask(name: string, request: number, value: Buffer): Buffer | undefined {
  const fd = socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return undefined;
  const argument = Buffer.alloc(IFREQ.size);
  argument.write(name.slice(0, IFREQ.value - 1), IFREQ.name, 'latin1');
  value.copy(argument, IFREQ.value);
  const result = ioctl(fd, request, argument);
  closeSync(fd);
  return result === 0 ? argument : undefined;
}
