import { isDeepStrictEqual } from 'node:util';
import { clearPerCpu, index, keys, lookup, remove, update } from '../kernel/map.js';
import { encodeEgress, readEgresses } from './egress.js';
import {
  type BackendEntry,
  changeBackend,
  readBackends,
  readServices,
  type ServiceEntry,
  writeBackend,
  writeService,
} from './entries.js';
import type { ForwarderMap } from './installation.js';
import { fromBytes, stationKey, toBytes } from './keys.js';
import { BACKEND_FLAGS, FORWARDER_COUNTERS, SERVICE, SERVICE_FLAGS } from './layout.js';
import { readLocals, writeLocals } from './locals.js';
import type { Current, Target } from './plan.js';
import { reschedule } from './reschedule.js';
import type { Tables } from './tables.js';

/** @throws {KernelError} */
export function readCurrent(tables: Tables): Current {
  return {
    services: readServices(tables),
    backends: readBackends(tables),
    locals: readLocals(tables),
    egresses: readEgresses(tables),
  };
}

/**
 * Makes the maps hold what they shall. Packets go on meanwhile, so nothing is visible before what it leads to:
 * interfaces and backends come first, then schedules, then services, then the listeners that lead to them; and what is
 * removed goes in the reverse order.
 *
 * @param rewrite also the schedules that nothing tells to have changed: after a process was killed half-way, nothing does.
 * @throws {KernelError}
 */
export function apply(tables: Tables, current: Current, target: Target, rewrite: boolean): void {
  const upstreams = new Map([...target.upstreams].map((key) => [key, 1]));
  const egressOf = new Map(target.egresses.map(({ ifindex, number }) => [fromBytes(index(ifindex)), number]));
  const stations = new Map(target.egresses.map(({ mac }) => [stationKey(mac), 1]));
  for (const egress of target.egresses)
    update(tables.map('egresses'), index(egress.number), encodeEgress(egress));
  putEntries(tables, 'egress_of', egressOf);
  putEntries(tables, 'stations', stations);
  writeLocals(tables, target.locals4, target.locals6);

  const before = new Map(current.services.map((service) => [service.number, service]));
  const moved = applyBackends(tables, current.backends, target);
  const isNew = ({ number }: ServiceEntry) => !before.has(number);
  for (const service of target.services.filter(isNew)) clearService(tables, service);
  putEntries(tables, 'upstreams', upstreams);
  const others = target.services.filter(
    ({ number, scheduler }) => rewrite || moved.has(number) || before.get(number)?.scheduler !== scheduler,
  );
  reschedule(tables, others, target.backends);
  for (const service of target.services)
    if (!isDeepStrictEqual(service, before.get(service.number))) writeService(tables, service);
  putEntries(tables, 'addresses', target.addresses);
  putEntries(tables, 'listeners', target.listeners);

  removeOthers(tables, 'listeners', target.listeners);
  removeOthers(tables, 'addresses', target.addresses);
  for (const service of target.closed) closeService(tables, service);
  removeOthers(tables, 'upstreams', upstreams);
  removeOthers(tables, 'stations', stations);
  removeOthers(tables, 'egress_of', egressOf);
}

/** @returns the numbers of the services whose backends are not what they were. */
function applyBackends(
  tables: Tables,
  current: readonly BackendEntry[],
  { backends, removed }: Target,
): Set<number> {
  const before = new Map(current.map((backend) => [backend.number, backend]));
  const moved = new Set<number>();
  for (const backend of backends) {
    const known = before.get(backend.number);
    if (known === undefined) writeBackend(tables, backend);
    else if (known.weight !== backend.weight || known.flags !== backend.flags) changeBackend(tables, backend);
    else continue;
    moved.add(backend.service);
  }
  for (const backend of removed) {
    const { service, flags } = backend;
    if (flags & BACKEND_FLAGS.removed) continue;
    changeBackend(tables, { ...backend, flags: flags | BACKEND_FLAGS.removed });
    moved.add(service);
  }
  return moved;
}

/** Makes a number good for another service. */
function clearService(tables: Tables, { number }: ServiceEntry): void {
  tables.services.setWord(number, SERVICE.schedule, 0);
  tables.services.setWord(number, SERVICE.cursor, 0);
  clearPerCpu(tables.map('counters'), index(number), FORWARDER_COUNTERS.size);
}

/** Takes no connections any more; those that are there go on. */
function closeService(tables: Tables, service: ServiceEntry): void {
  writeService(tables, { ...service, flags: service.flags & ~SERVICE_FLAGS.open });
  tables.services.setWord(service.number, SERVICE.schedule, 0);
}

function putEntries(tables: Tables, name: ForwarderMap, entries: ReadonlyMap<string, number>): void {
  const map = tables.map(name);
  for (const [key, value] of entries) {
    const bytes = toBytes(key);
    if (lookup(map, bytes, 4)?.readUInt32LE() !== value) update(map, bytes, index(value));
  }
}

function removeOthers(tables: Tables, name: ForwarderMap, wanted: ReadonlyMap<string, number>): void {
  const map = tables.map(name);
  for (const key of [...keys(map)]) if (!wanted.has(fromBytes(key))) remove(map, key);
}
