import { readFileSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';
import { currentIsolation } from '../../../src/lab/isolation.js';
import { run } from '../../../src/lab/run.js';
import type { Ethernet } from '../packets/frame.js';
import { before } from './test.js';

/** The interfaces that frames arrive by; `other` is not the forwarder's. */
export type Port = 'clients' | 'backends' | 'other';

const PORTS: readonly Port[] = ['clients', 'backends', 'other'];

/** Where frames can leave to: an interface, and the neighbour's MAC address. */
export const MAC = {
  clients: '02:00:00:00:01:01',
  backends: '02:00:00:00:02:01',
  other: '02:00:00:00:03:01',
  /** Towards everything that is not on a network of ours. */
  clientRouter: '02:00:00:00:01:fe',
  /** Towards 10.3.0.0/16 and fd00:3::/64, with an MTU of {@link NARROW_MTU}. */
  backendRouter: '02:00:00:00:02:fe',
} as const;

/**
 * The tag of the VLAN interface on top of `backends`, through which 10.7.0.0/24 and fd00:7::/64 are reached. Not every
 * kernel has VLAN devices, so an ordinary interface stands in for it: all the forwarder sees of it is its number.
 */
export const VLAN = 7;
export const VLAN_INTERFACE = `backends.${VLAN}`;
export const NARROW_MTU = 1400;

/** Addresses on the side of the backends that have a neighbour each, by their last number. */
export const NEIGHBOURS = [1, 2, 3, 4] as const;

/** The MAC address of neighbour number N: of 10.1.1.N and fd00:1::1:N, of 10.7.0.N in the VLAN, or 192.0.2.N. */
export function neighbourMac(number: number): string {
  return `02:00:00:00:aa:${number.toString(16).padStart(2, '0')}`;
}

const SYSCTLS = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'] as const;

const LINKS = [...PORTS.map((name) => [name, MAC[name]]), [VLAN_INTERFACE, MAC.backends]].flatMap(
  ([name, mac], at) => [
    `link add ${name} address ${mac} type veth peer name peer${at}`,
    `link set ${name} addrgenmode none up`,
    `link set peer${at} addrgenmode none up`,
  ],
);

const ADDRESSES = [
  'addr add 192.0.2.1/24 dev clients',
  'addr add 2001:db8:a::1/64 dev clients nodad',
  'addr add 10.1.0.1/16 dev backends',
  'addr add fd00:1::1/64 dev backends nodad',
  `addr add 10.7.0.100/24 dev ${VLAN_INTERFACE}`,
  `addr add fd00:7::100/64 dev ${VLAN_INTERFACE} nodad`,
  'addr add 10.66.0.1/24 dev other',
];

const NEIGHBOUR_ENTRIES = [
  `neigh add 192.0.2.254 lladdr ${MAC.clientRouter} dev clients`,
  `neigh add 2001:db8:a::fe lladdr ${MAC.clientRouter} dev clients`,
  `neigh add 10.1.0.254 lladdr ${MAC.backendRouter} dev backends`,
  `neigh add fd00:1::fe lladdr ${MAC.backendRouter} dev backends`,
  `neigh add 10.66.0.2 lladdr 02:00:00:00:03:02 dev other`,
  ...NEIGHBOURS.flatMap((number) => [
    `neigh add 10.1.1.${number} lladdr ${neighbourMac(number)} dev backends`,
    `neigh add fd00:1::1:${number} lladdr ${neighbourMac(number)} dev backends`,
    `neigh add 10.7.0.${number} lladdr ${neighbourMac(number)} dev ${VLAN_INTERFACE}`,
    `neigh add fd00:7::${number} lladdr ${neighbourMac(number)} dev ${VLAN_INTERFACE}`,
  ]),
  `neigh add 192.0.2.50 lladdr ${neighbourMac(50)} dev clients`,
];

const ROUTES = [
  'route add default via 192.0.2.254',
  'route add default via 2001:db8:a::fe',
  `route add 10.3.0.0/16 via 10.1.0.254 mtu lock ${NARROW_MTU}`,
  `route add fd00:3::/64 via fd00:1::fe mtu lock ${NARROW_MTU}`,
  'route add unreachable 10.67.0.0/16',
];

/**
 * The forwarder's interfaces with their routes and neighbours, in the isolated network namespace this process lives in:
 * that is where test runs look routes up. Disposing of it takes them down.
 */
export async function buildNetwork(): Promise<AsyncDisposable> {
  currentIsolation();
  const before = SYSCTLS.map((name) => readFileSync(`/proc/sys/${name}`, 'utf8'));
  const undo = async (): Promise<void> => {
    await run(['ip', '-force', '-batch', '-'], {
      input: [
        'route del 10.67.0.0/16',
        ...[...PORTS, VLAN_INTERFACE].map((name) => `link del ${name}`),
        '',
      ].join('\n'),
      check: false,
    });
    for (const [at, name] of SYSCTLS.entries()) writeFileSync(`/proc/sys/${name}`, before[at]!);
  };
  try {
    for (const name of SYSCTLS) writeFileSync(`/proc/sys/${name}`, '1');
    const commands = [...LINKS, ...ADDRESSES, ...NEIGHBOUR_ENTRIES, ...ROUTES];
    await run(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  } catch (error) {
    await undo();
    throw error;
  }
  return { [Symbol.asyncDispose]: undo };
}

/** Where a packet to an address goes, by the routes and neighbours above. */
export interface Route {
  /** Of the frame that carries it. */
  readonly ethernet: Ethernet;
  readonly port: Port;
  readonly mtu: number;
}

/** The route to an address of these networks, as text. */
export function routeTo(address: string): Route {
  const number = Number(/[.:](\d+)$/.exec(address)?.[1]);
  const via = (port: 'clients' | 'backends', destination: string, mtu = 1500): Route => ({
    ethernet: { source: MAC[port], destination },
    port,
    mtu,
  });
  if (/^10\.1\.1\.|^fd00:1::1:/.test(address)) return via('backends', neighbourMac(number));
  if (/^10\.3\.|^fd00:3:/.test(address)) return via('backends', MAC.backendRouter, NARROW_MTU);
  if (address === '192.0.2.50') return via('clients', neighbourMac(number));
  const route = via('backends', neighbourMac(number));
  if (/^10\.7\.0\.|^fd00:7:/.test(address)) return { ...route, ethernet: { ...route.ethernet, vlan: VLAN } };
  return via('clients', MAC.clientRouter);
}

/** The network for all tests of a file. */
export function useNetwork(): void {
  let network: AsyncDisposable | undefined;
  before(async () => {
    network = await buildNetwork();
  });
  after(() => network?.[Symbol.asyncDispose]());
}
