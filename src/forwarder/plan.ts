import { type Endpoint, formatEndpoint } from '../wire/index.js';
import { type Egress, type NumberedEgress, numberEgresses } from './egress.js';
import type { BackendEntry, ServiceEntry } from './entries.js';
import { familyOfText } from './family.js';
import { addressKey, listenerKey, upstreamKey } from './keys.js';
import { ADDRESS_FLAGS, BACKEND_FLAGS, FORWARDER_TAG, LIMITS, SERVICE_FLAGS } from './layout.js';
import type { ForwarderSettings, ServiceSettings } from './settings.js';
import { ticksOf } from './ticks.js';

/** What the maps hold now, as far as numbers and states depend on it. */
export interface Current {
  readonly services: readonly ServiceEntry[];
  readonly backends: readonly BackendEntry[];
  /** As text. */
  readonly locals: readonly string[];
  readonly egresses: readonly NumberedEgress[];
}

/** What the maps shall hold. Numbers of what is there already are the same as now. */
export interface Target {
  /** Those that are configured. */
  readonly services: readonly ServiceEntry[];
  /** Those that are configured, whatever their health. */
  readonly backends: readonly BackendEntry[];
  /** Services that are not configured any more. */
  readonly closed: readonly ServiceEntry[];
  /** Backends that are not configured any more. */
  readonly removed: readonly BackendEntry[];
  /** By key. */
  readonly listeners: ReadonlyMap<string, number>;
  readonly addresses: ReadonlyMap<string, number>;
  readonly upstreams: ReadonlySet<string>;
  /** As text. */
  readonly locals4: readonly string[];
  readonly locals6: readonly string[];
  readonly egresses: readonly NumberedEgress[];
}

/** More services or backends than there is room for. */
export class RoomError extends Error {
  override readonly name = 'RoomError';
}

/**
 * What the maps shall hold, by settings that have been checked, what they hold now, and the interfaces to send from.
 * A new backend is up until something else is heard of it.
 *
 * @throws {RoomError}
 * @throws {EgressError}
 */
export function planTarget(
  settings: ForwarderSettings,
  egresses: readonly Egress[],
  current: Current,
): Target {
  const services = planServices(settings.services, current.services);
  const backends = planBackends(settings.services, services, current.backends);
  const serviceNumbers = numbersOf(services);
  const backendNumbers = numbersOf(backends);
  const family = (wanted: 4 | 6) =>
    settings.localAddresses.filter((address) => familyOfText(address) === wanted);
  return {
    services,
    backends,
    closed: current.services.filter(({ number }) => !serviceNumbers.has(number)),
    removed: current.backends.filter(({ number }) => !backendNumbers.has(number)),
    listeners: new Map(services.map(({ listen, number }) => [listenerKey(listen), number])),
    addresses: addressesOf(settings),
    upstreams: new Set(
      settings.services.flatMap(({ trustUpstream }, at) =>
        trustUpstream.map((network) => upstreamKey(services[at]!.number, network)),
      ),
    ),
    locals4: family(4),
    locals6: family(6),
    egresses: numberEgresses(egresses, current.egresses),
  };
}

function planServices(wanted: readonly ServiceSettings[], current: readonly ServiceEntry[]): ServiceEntry[] {
  const numbers = new Map(current.map(({ listen, number }) => [formatEndpoint(listen), number]));
  const free = freeNumbers(current, LIMITS.servicesMax, 'services');
  return wanted.map((service) => ({
    number: numbers.get(formatEndpoint(service.listen)) ?? free(),
    ...serviceEntry(service),
  }));
}

function planBackends(
  wanted: readonly ServiceSettings[],
  services: readonly ServiceEntry[],
  current: readonly BackendEntry[],
): BackendEntry[] {
  const known = new Map(current.map((entry) => [backendKey(entry.service, entry.endpoint), entry]));
  const free = freeNumbers(current, LIMITS.backendsMax, 'backends');
  return wanted.flatMap(({ backends, health }, at) => {
    const service = services[at]!.number;
    return backends.map(({ endpoint, weight }) => {
      const before = known.get(backendKey(service, endpoint));
      const flags = flagsOf(before) | (health.type === 'none' ? BACKEND_FLAGS.up : 0);
      return { number: before?.number ?? free(), service, endpoint, weight, flags };
    });
  });
}

/** One that comes back before it was gone is the same as before, but nobody drains it any more. */
function flagsOf(before: BackendEntry | undefined): number {
  const { used, up, draining, removed } = BACKEND_FLAGS;
  if (before === undefined) return used | up;
  return before.flags & removed ? before.flags & ~(removed | draining) : before.flags;
}

function backendKey(service: number, endpoint: Required<Endpoint>): string {
  return `${service} ${endpoint.address} ${endpoint.port}`;
}

/** Hands out the lowest numbers that are not taken. */
function freeNumbers(taken: readonly Numbered[], limit: number, what: string): () => number {
  const isTaken = new Uint8Array(limit);
  for (const { number } of taken) isTaken[number] = 1;
  let next = 1;
  return () => {
    while (isTaken[next]) next++;
    if (next >= limit)
      throw new RoomError(
        `no room for more ${what}: there are ${limit - 1} numbers, of which ${taken.length} belong to ${what} that ` +
          'are there already, or were removed and still have connections',
      );
    return next++;
  };
}

interface Numbered {
  readonly number: number;
}

function serviceEntry(service: ServiceSettings): Omit<ServiceEntry, 'number'> {
  const { name, listen, scheduler, toa, timeouts } = service;
  const { embryonic, established, closing, closed } = timeouts;
  return {
    name,
    listen,
    scheduler,
    flags: serviceFlags(service),
    tagOn: toa.on.reduce((mask, segment) => mask | FORWARDER_TAG[segment], 0),
    kind4: toa.kind4 ?? 0,
    kind6: toa.kind6 ?? 0,
    timeouts: [0, embryonic, embryonic, established, closing, closed].map(ticksOf),
  };
}

function serviceFlags({ toa, whenAllDown, timestamps, trustUpstream }: ServiceSettings): number {
  const flags = SERVICE_FLAGS;
  return (
    flags.open |
    (toa.onMissing === 'reset' ? flags.missingReset : 0) |
    (whenAllDown === 'reset' ? flags.downReset : 0) |
    (timestamps === 'strip' ? flags.stripTimestamps : 0) |
    (timestamps === 'yield' ? flags.yieldTimestamps : 0) |
    (trustUpstream.length > 0 ? flags.upstreams : 0)
  );
}

function addressesOf({ services, localAddresses }: ForwarderSettings): Map<string, number> {
  const flags = new Map<string, number>();
  const add = (address: string, flag: number) => {
    const key = addressKey(address);
    flags.set(key, (flags.get(key) ?? 0) | flag);
  };
  for (const { listen } of services) add(listen.address, ADDRESS_FLAGS.service);
  for (const address of localAddresses) add(address, ADDRESS_FLAGS.local);
  return flags;
}

function numbersOf(entries: readonly Numbered[]): Set<number> {
  return new Set(entries.map(({ number }) => number));
}
