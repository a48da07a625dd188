import { AddressError, formatEndpoint, parseEndpoint } from '../wire/index.js';
import { type BackendEntry, isOpen, type ServiceEntry } from './entries.js';
import { BACKEND_FLAGS } from './layout.js';

/** No service, or no backend, of the name that was given. */
export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError';
}

/** Of many names only the first are told. */
const TOLD = 10;

/** @throws {UnknownNameError} that tells the names there are. */
export function findService(services: readonly ServiceEntry[], name: string): ServiceEntry {
  const open = services.filter(isOpen);
  const found = open.find((service) => service.name === name);
  if (found !== undefined) return found;
  throw new UnknownNameError(
    `no service ${JSON.stringify(name)}: there ${someOf(open.map((one) => one.name))}`,
  );
}

/**
 * A backend of a service that is configured.
 *
 * @param name its address and port, as `10.0.1.11:8443`
 * @throws {UnknownNameError} that tells the backends there are.
 */
export function findBackend(
  service: ServiceEntry,
  backends: readonly BackendEntry[],
  name: string,
): BackendEntry {
  const own = backends.filter(
    (one) => one.service === service.number && !(one.flags & BACKEND_FLAGS.removed),
  );
  const wanted = canonical(name);
  const found = own.find(({ endpoint }) => formatEndpoint(endpoint) === wanted);
  if (found !== undefined) return found;
  const there = someOf(own.map(({ endpoint }) => formatEndpoint(endpoint)));
  throw new UnknownNameError(`no backend ${JSON.stringify(name)} in service ${service.name}: there ${there}`);
}

function canonical(name: string): string {
  try {
    return formatEndpoint(parseEndpoint(name));
  } catch (error) {
    if (error instanceof AddressError) return name;
    throw error;
  }
}

function someOf(names: readonly string[]): string {
  if (names.length === 0) return 'are none';
  const more = names.length - TOLD;
  return `${names.length === 1 ? 'is' : 'are'} ${names.slice(0, TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
