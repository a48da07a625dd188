import type { Egress } from './egress.js';
import { egressesOf } from './egresses-of.js';
import type { HostFacts } from './host.js';
import { type Neighbour, nextHops } from './neighbours.js';
import type { ForwarderSettings } from './settings.js';

/** What a configuration comes to on this host, as it is now. */
export interface Order {
  readonly settings: ForwarderSettings;
  readonly egresses: readonly Egress[];
  /** The next hops of backends and of the default routes. */
  readonly nextHops: readonly Neighbour[];
}

/**
 * Reads the configuration and checks it against this host. Throws what is wrong with it.
 *
 * @param settings as they are configured, known already: then only the host is looked at, and what it lacks of the
 *   local addresses is left out.
 */
export type Prepare = (settings?: ForwarderSettings) => Promise<Order>;

/** @throws EgressError */
export function orderOf(
  settings: ForwarderSettings,
  { interfaces, routes, defaultRoutes }: Pick<HostFacts, 'interfaces' | 'routes' | 'defaultRoutes'>,
): Order {
  const egresses = egressesOf(settings, interfaces);
  const numbers = new Set(egresses.map(({ ifindex }) => ifindex));
  const devices = interfaces.filter(({ ifindex }) => numbers.has(ifindex)).map(({ name }) => name);
  const toBackends = backendAddresses(settings).flatMap((address) => routes.get(address) ?? []);
  return { settings, egresses, nextHops: nextHops([...toBackends, ...defaultRoutes], new Set(devices)) };
}

export function backendAddresses({ services }: ForwarderSettings): string[] {
  return services.flatMap(({ backends }) => backends.map(({ endpoint }) => endpoint.address));
}
