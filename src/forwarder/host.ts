import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mapInfo } from '../kernel/info.js';
import { takesOffVlanTags } from '../kernel/interface.js';
import { openPinned } from '../kernel/pin.js';
import { takesRedirects } from '../kernel/xdp-features.js';
import { lookAgain } from '../lifecycle/look-again.js';
import type { Endpoint } from '../wire/index.js';
import { daemonSockets } from './daemon-sockets.js';
import { readDefaultRoutes } from './default-routes.js';
import { attachedInterfaces, forwarderPlan } from './installation.js';
import { ipBatch } from './ip.js';
import { listeningSockets } from './listening.js';
import { type LookUp, type Route, routesTo } from './routes.js';
import type { ForwarderSettings } from './settings.js';

/** What there is to know of an interface. */
export interface HostInterface {
  readonly name: string;
  readonly ifindex: number;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  readonly mac: string;
  readonly isVeth: boolean;
  /** Where it is a VLAN: which, and on what. */
  readonly vlan?: { readonly id: number; readonly parent: string };
  /** Where an XDP program is attached to it. */
  readonly xdp?: { readonly mode: 'native' | 'generic'; readonly programId: number };
}

/** Whether packets of a family that come in by an interface may be forwarded. */
export type IsForwarding = (family: 4 | 6, interfaceName: string) => boolean;

/** Whether an interface, by its number, takes frames that are redirected to it; undefined where the kernel does not tell. */
export type TakesRedirects = (ifindex: number) => boolean | undefined;

/** Whether an interface takes the VLAN tags off what it receives, before an XDP program sees it. */
export type TakesOffVlanTags = (interfaceName: string) => boolean;

/** What a forwarder of ours is attached to, and how many slots its table has; none where there is none. */
export interface Attached {
  readonly interfaces: ReadonlySet<string>;
  readonly slots?: number;
}

/** What settings are checked against: this host, in this network namespace, now. */
export interface HostFacts {
  readonly interfaces: readonly HostInterface[];
  /** By destination; without one for what cannot be reached. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Those by a gateway, of both families: most clients are behind it, and the program never has it resolved. */
  readonly defaultRoutes: readonly Route[];
  /** By programs other than a daemon of ours. */
  readonly listening: readonly Required<Endpoint>[];
  readonly isForwarding: IsForwarding;
  readonly takesRedirects: TakesRedirects;
  readonly takesOffVlanTags: TakesOffVlanTags;
  /** The forwarder of ours that is attached, if there is one; undefined where we may not look. */
  readonly attached: Attached | undefined;
}

/** @throws IpError, KernelError */
export async function readHost(
  { services, localAddresses, metrics }: ForwarderSettings,
  lookUp: LookUp = routesTo,
): Promise<HostFacts> {
  const addresses = services.flatMap(({ listen, backends }) => [
    listen.address,
    ...backends.map(({ endpoint }) => endpoint.address),
  ]);
  const [interfaces, defaultRoutes, routes] = await Promise.all([
    readInterfaces(),
    readDefaultRoutes(),
    lookUp([...localAddresses, ...addresses, ...(metrics ? [metrics.address] : [])]),
  ]);
  const own = daemonSockets();
  return {
    interfaces,
    routes,
    defaultRoutes,
    listening: listeningSockets().filter(({ inode }) => !own.has(inode)),
    isForwarding,
    takesRedirects,
    takesOffVlanTags,
    attached: lookAgain(readAttached),
  };
}

function readAttached(): Attached | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const { directory } = forwarderPlan();
  if (!existsSync(directory)) return { interfaces: new Set() };
  using connections = openPinned(join(directory, 'connections'));
  return { interfaces: new Set(attachedInterfaces()), slots: mapInfo(connections).maxEntries };
}

/** @throws {IpError} */
export async function readInterfaces(): Promise<HostInterface[]> {
  const { output } = await ipBatch(['-json', '-details'], ['link show']);
  return (JSON.parse(output) as Link[]).map(toInterface);
}

/** What `ip -json -details link show` says, as far as it matters here. */
export interface Link {
  readonly ifname: string;
  readonly ifindex: number;
  readonly flags: readonly string[];
  readonly address?: string;
  /** What it stands on, or its other end. */
  readonly link?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: { readonly id?: number; readonly protocol?: string };
  };
  readonly xdp?: { readonly mode: number; readonly prog: { readonly id: number } };
}

/** XDP_ATTACHED_SKB of include/uapi/linux/if_link.h. */
const ATTACHED_GENERIC = 2;

export function toInterface({ ifname, ifindex, flags, address, link, linkinfo, xdp }: Link): HostInterface {
  const { info_kind: kind, info_data: data } = linkinfo ?? {};
  // Of service tags (802.1ad) the program knows nothing.
  const id = kind === 'vlan' && data?.protocol === '802.1Q' ? data.id : undefined;
  return {
    name: ifname,
    ifindex,
    isUp: flags.includes('UP'),
    isLoopback: flags.includes('LOOPBACK'),
    mac: address ?? '00:00:00:00:00:00',
    isVeth: kind === 'veth',
    ...(id !== undefined && link !== undefined && { vlan: { id, parent: link } }),
    ...(xdp !== undefined && {
      xdp: { mode: xdp.mode === ATTACHED_GENERIC ? 'generic' : 'native', programId: xdp.prog.id },
    }),
  };
}

/** Whether packets of a family that come in by an interface may be forwarded. */
export function isForwarding(family: 4 | 6, interfaceName: string): boolean {
  try {
    const file = `/proc/sys/net/ipv${family}/conf/${interfaceName}/forwarding`;
    return readFileSync(file, 'utf8').trim() !== '0';
  } catch {
    return false;
  }
}
