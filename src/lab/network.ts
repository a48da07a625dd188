import type { LinkSpec } from './spec.js';

/** One end of a link, as the host that owns it knows it. */
export interface Interface {
  readonly host: string;
  /** eth0, eth1... */
  readonly name: string;
  readonly link: LinkSpec;
  /** Which end of the link this is. */
  readonly end: 0 | 1;
}

/** Names the two interfaces of every link. */
export function planInterfaces(links: readonly LinkSpec[]): [Interface, Interface][] {
  const count = new Map<string, number>();
  const plan = (link: LinkSpec, end: 0 | 1): Interface => {
    const host = link.between[end];
    const index = count.get(host) ?? 0;
    count.set(host, index + 1);
    return { host, name: `eth${index}`, link, end };
  };
  return links.map((link) => [plan(link, 0), plan(link, 1)]);
}

/** The `ip -batch` line that creates both interfaces right in their namespaces (given by file). */
export function linkCommand([a, b]: [Interface, Interface], namespaceOf: (host: string) => string): string {
  const mtu = `mtu ${a.link.mtu ?? 1500}`;
  return (
    `link add ${a.name} ${mtu} netns ${namespaceOf(a.host)} ` +
    `type veth peer name ${b.name} ${mtu} netns ${namespaceOf(b.host)}`
  );
}

/** The `ip -batch` lines, run in the host's namespace, that bring an interface up and give it its addresses. */
export function addressCommands({ name, link, end }: Interface): string[] {
  return [
    `link set ${name} up`,
    ...(link.ipv4 ? [`addr add ${link.ipv4[end]} dev ${name}`] : []),
    ...(link.ipv6 ? [`addr add ${link.ipv6[end]} dev ${name} nodad`] : []),
  ];
}

/** Arguments of ethtool that set the link's offload features on one of its interfaces. */
export function offloadArguments({ name, link }: Interface): string[] {
  const features = Object.entries(link.offload ?? {}).flatMap(([key, on]) => [key, on ? 'on' : 'off']);
  return ['-K', name, ...features];
}
