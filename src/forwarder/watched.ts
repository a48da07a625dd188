import { formatEndpoint } from '../wire/index.js';
import { type BackendEntry, isOpen, type ServiceEntry } from './entries.js';
import type { WatchedBackend, WatchedService } from './health/monitor.js';
import { BACKEND_FLAGS } from './layout.js';
import type { ForwarderSettings } from './settings.js';

/**
 * Whose health is to be watched, and how: what the settings say, by the numbers that the maps have for it.
 *
 * @param isKnown whether the health of a backend, given by its number, has been looked at before.
 */
export function watchedServices(
  settings: ForwarderSettings,
  services: readonly ServiceEntry[],
  backends: readonly BackendEntry[],
  isKnown: (backend: number) => boolean,
): WatchedService[] {
  const configured = new Map(settings.services.map((service) => [formatEndpoint(service.listen), service]));
  const watched = new Map<number, WatchedBackend[]>();
  for (const { number, service, endpoint, flags } of backends) {
    if (flags & BACKEND_FLAGS.removed) continue;
    const isUp = (flags & BACKEND_FLAGS.up) !== 0;
    const entry = { number, target: endpoint, up: isUp && !isKnown(number) ? undefined : isUp };
    const entries = watched.get(service);
    if (entries === undefined) watched.set(service, [entry]);
    else entries.push(entry);
  }
  return services.filter(isOpen).flatMap(({ number, listen }) => {
    const service = configured.get(formatEndpoint(listen));
    return service === undefined
      ? []
      : [{ number, health: service.health, backends: watched.get(number) ?? [] }];
  });
}
