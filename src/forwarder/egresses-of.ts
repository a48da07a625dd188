import type { Egress } from './egress.js';
import type { HostInterface } from './host.js';
import type { ForwarderSettings } from './settings.js';

/** The interfaces to send from: those of the settings that there are, and the VLANs on them. */
export function egressesOf(
  { interfaces }: Pick<ForwarderSettings, 'interfaces'>,
  there: readonly HostInterface[],
): Egress[] {
  const ports = new Map(
    there.filter(({ name }) => interfaces.includes(name)).map((port) => [port.name, port]),
  );
  return there.flatMap(({ name, ifindex, mac, vlan }) => {
    const port = ports.get(vlan?.parent ?? name);
    if (port === undefined) return [];
    return [{ ifindex, port: port.ifindex, vlan: vlan?.id ?? 0, mac, isVeth: port.isVeth }];
  });
}
