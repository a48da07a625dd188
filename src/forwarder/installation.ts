import { join } from 'node:path';
import { namesIn } from '../lifecycle/pin-root.js';
import { discardedOf, PIN_ROOT, type Plan, type PlannedProgram, stagingOf } from '../lifecycle/plan.js';
import {
  BACKEND,
  BUCKET,
  CONNECTION,
  EGRESS,
  FORWARDER_COUNTERS,
  FORWARDER_SETTINGS,
  LIMITS,
  POSITIONS,
  REFERENCE,
  SERVICE,
} from './layout.js';

/** The program that handles packets, on each interface. */
export interface InterfaceProgram extends PlannedProgram {
  readonly interface: string;
}

const NUMBER_BYTES = 4;
const ADDRESS_BYTES = 16;

const FORWARDER = {
  role: 'forwarder',
  attachCommand: 'truepeer forwarder run --config FILE',
  detachCommand: 'truepeer forwarder detach',
  directory: join(PIN_ROOT, 'forwarder'),
  maps: {
    connections: CONNECTION.size,
    tuples: BUCKET.size,
    embryos: REFERENCE.size,
    positions: POSITIONS.size,
    settings: FORWARDER_SETTINGS.size,
    listeners: NUMBER_BYTES,
    services: SERVICE.size,
    backends: BACKEND.size,
    schedule: NUMBER_BYTES,
    locals: ADDRESS_BYTES,
    addresses: NUMBER_BYTES,
    upstreams: NUMBER_BYTES,
    egresses: EGRESS.size,
    egress_of: NUMBER_BYTES,
    stations: NUMBER_BYTES,
    counters: FORWARDER_COUNTERS.size,
  },
  entries: {
    services: LIMITS.servicesMax,
    backends: LIMITS.backendsMax,
    schedule: LIMITS.servicesMax * LIMITS.scheduleSize,
    locals: 2 * LIMITS.localsMax,
    egresses: LIMITS.egressesMax,
  },
} as const;

export type ForwarderMap = keyof typeof FORWARDER.maps;

/** The program on one interface. */
export function programOn(name: string): InterfaceProgram {
  return { name: 'forwarder', pin: PIN_PREFIX + encodeName(name), interface: name };
}

/**
 * The forwarder as a plan: there is one on a host, with a link for each interface.
 *
 * @param interfaces to be attached to, beside those that it is or was attached to.
 */
export function forwarderPlan(interfaces: readonly string[] = []): Plan & {
  readonly programs: readonly InterfaceProgram[];
} {
  const plan = { ...FORWARDER, programs: [] };
  const pinned = [FORWARDER.directory, stagingOf(plan), discardedOf(plan)].flatMap(pinnedIn);
  return { ...FORWARDER, programs: [...new Set([...interfaces, ...pinned])].map(programOn) };
}

/** The interfaces that a forwarder is attached to; none where there is no forwarder. */
export function attachedInterfaces(): string[] {
  return pinnedIn(FORWARDER.directory);
}

const PIN_PREFIX = 'link-';

/** bpffs allows no dot in a name, and the kernel no colon in an interface's. */
function encodeName(interfaceName: string): string {
  return interfaceName.replaceAll('.', ':');
}

function pinnedIn(directory: string): string[] {
  return namesIn(directory)
    .filter((name) => name.startsWith(PIN_PREFIX))
    .map((name) => name.slice(PIN_PREFIX.length).replaceAll(':', '.'));
}
