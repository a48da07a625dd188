import { setImmediate } from 'node:timers/promises';
import { interfaceName } from '../kernel/interface.js';
import { NetlinkSocket } from '../kernel/netlink.js';
import { lookUpRoutes } from '../kernel/route-lookup.js';
import { familyOf, formatAddress, parseAddress } from '../wire/index.js';

/** How the kernel reaches an address now. */
export interface Route {
  readonly destination: string;
  /** Whether that is the host itself. */
  readonly isLocal: boolean;
  /** The interface's name. */
  readonly device: string;
  /** The next hop, where it is not the destination itself; it may be of the other address family. */
  readonly gateway?: string;
}

/** {@link routesTo}, or what stands for it. */
export type LookUp = (addresses: Iterable<string>) => Promise<ReadonlyMap<string, Route>>;

/** Lookups at a time, during which nothing else of this process happens: a few milliseconds. */
const SLICE = 500;

/**
 * How the kernel reaches some addresses.
 *
 * @returns by destination; without one for what it does not reach.
 * @throws KernelError
 */
export async function routesTo(addresses: Iterable<string>): Promise<ReadonlyMap<string, Route>> {
  using socket = new NetlinkSocket();
  const names = new Map<number, string>();
  const nameOf = (ifindex: number) => {
    const name = names.get(ifindex) ?? interfaceName(ifindex) ?? '';
    names.set(ifindex, name);
    return name;
  };
  const routes = new Map<string, Route>();
  const all = [...new Set(addresses)];
  for (let first = 0; first < all.length; first += SLICE) {
    const slice = all.slice(first, first + SLICE);
    lookUpRoutes(socket, slice.map(plainBytes)).forEach((found, at) => {
      if (found === undefined) return;
      const { isLocal, ifindex, gateway } = found;
      const destination = slice[at]!;
      const device = nameOf(ifindex);
      const route = {
        destination,
        isLocal,
        device,
        ...(gateway !== undefined && { gateway: textOf(gateway) }),
      };
      routes.set(destination, route);
    });
    await setImmediate();
  }
  return routes;
}

/** Those that are not the host's own, of some addresses. @throws KernelError */
export async function notOfThisHost(addresses: readonly string[]): Promise<string[]> {
  const routes = await routesTo(addresses);
  return addresses.filter((address) => !routes.get(address)?.isLocal);
}

/** IPv4 where it is that, without the prefix by which we keep it. */
function plainBytes(address: string): Uint8Array {
  const bytes = parseAddress(address);
  return familyOf(bytes) === 4 ? bytes.subarray(12) : bytes;
}

function textOf(bytes: Uint8Array): string {
  return bytes.length === 4 ? `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` : formatAddress(bytes);
}
