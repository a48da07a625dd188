import { TAGGED_SEGMENTS, type TaggedSegment } from '../tagger/settings.js';
import { type Endpoint, formatEndpoint } from '../wire/index.js';
import type { BackendHealth } from './control-protocol.js';
import { type BackendEntry, isOpen, type ServiceEntry } from './entries.js';
import { BACKEND, BACKEND_FLAGS, FORWARDER_TAG, SERVICE_FLAGS } from './layout.js';
import type { ServiceSettings } from './settings.js';

/** A service, as it is at work. */
export interface ServiceStatus
  extends Pick<ServiceSettings, 'name' | 'listen' | 'scheduler' | 'whenAllDown' | 'timestamps'> {
  /** False where it is not configured any more, and its last connections go on. */
  readonly open: boolean;
  /** The options that name clients, such as `254/8`; absent where such clients are not named. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly on: readonly TaggedSegment[];
  readonly onMissing: 'forward' | 'reset';
  /** Those that are not over. */
  readonly connections: number;
  readonly backends: readonly BackendStatus[];
}

export interface BackendStatus {
  readonly address: Required<Endpoint>;
  readonly weight: number;
  readonly up: boolean;
  /** It gets no new connections, because somebody has said so. */
  readonly draining: boolean;
  /** It is not configured any more, and its last connections go on. */
  readonly removed: boolean;
  readonly connections: number;
  /** Since it was configured. */
  readonly opened: bigint;
  readonly established: bigint;
  readonly unanswered: bigint;
  readonly refused: bigint;
  /** When it came up or went down, where the daemon has seen it. */
  readonly since?: Date;
  /** Why the last check failed, if it did. */
  readonly failure?: string;
}

/** The numbers of struct backend, which {@link MappedArray} of the map is. */
interface Numbers {
  long(index: number, offset: number): bigint;
}

/**
 * @param counts the map `backends`
 * @param connections by the number of the backend
 * @param health what the daemon knows
 */
export function serviceStatuses(
  services: readonly ServiceEntry[],
  backends: readonly BackendEntry[],
  counts: Numbers,
  connections: ReadonlyMap<number, number>,
  health: readonly BackendHealth[],
): ServiceStatus[] {
  const known = new Map(health.map((one) => [`${one.service} ${one.backend}`, one]));
  const byService = new Map<number, BackendStatus[]>(services.map(({ number }) => [number, []]));
  const names = new Map(services.map(({ number, name }) => [number, name]));
  for (const { number, service, endpoint, weight, flags } of backends) {
    const { since, failure } = known.get(`${names.get(service)} ${formatEndpoint(endpoint)}`) ?? {};
    byService.get(service)?.push({
      address: endpoint,
      weight,
      up: (flags & BACKEND_FLAGS.up) !== 0,
      draining: (flags & BACKEND_FLAGS.draining) !== 0,
      removed: (flags & BACKEND_FLAGS.removed) !== 0,
      connections: connections.get(number) ?? 0,
      opened: counts.long(number, BACKEND.opened),
      established: counts.long(number, BACKEND.established),
      unanswered: counts.long(number, BACKEND.unanswered),
      refused: counts.long(number, BACKEND.refused),
      ...(since !== undefined && { since: new Date(since) }),
      ...(failure !== undefined && { failure }),
    });
  }
  return services.map((service) => serviceStatus(service, byService.get(service.number)!));
}

function serviceStatus(service: ServiceEntry, backends: BackendStatus[]): ServiceStatus {
  const { name, listen, scheduler, flags, tagOn, kind4, kind6 } = service;
  const has = (flag: number) => (flags & flag) !== 0;
  return {
    name,
    listen,
    scheduler,
    open: isOpen(service),
    ...(kind4 !== 0 && { ipv4: `${kind4}/8` }),
    ...(kind6 !== 0 && { ipv6: `${kind6}/20` }),
    on: TAGGED_SEGMENTS.filter((segment) => tagOn & FORWARDER_TAG[segment]),
    onMissing: has(SERVICE_FLAGS.missingReset) ? 'reset' : 'forward',
    timestamps: has(SERVICE_FLAGS.stripTimestamps)
      ? 'strip'
      : has(SERVICE_FLAGS.yieldTimestamps)
        ? 'yield'
        : 'keep',
    whenAllDown: has(SERVICE_FLAGS.downReset) ? 'reset' : 'drop',
    connections: backends.reduce((sum, one) => sum + one.connections, 0),
    backends,
  };
}
