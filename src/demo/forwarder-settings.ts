import type { ForwarderSettings, ServiceSettings } from '../forwarder/settings.js';
import type { Endpoint } from '../wire/index.js';

/** The 8-byte and the 20-byte option of profile `dpvs`. */
const KIND = 254;

/** One way through a forwarder: what clients connect to, and who answers. */
export interface Passage {
  readonly name: string;
  readonly listen: Required<Endpoint>;
  readonly backend: Required<Endpoint>;
}

/** What a forwarder of a laboratory is told: everything else is as it is by default, without health checks. */
export function forwarderSettings(
  passages: readonly Passage[],
  localAddresses: readonly string[],
  capacity: number,
): ForwarderSettings {
  return {
    interfaces: ['eth0', 'eth1'],
    generic: false,
    localAddresses,
    capacity,
    services: passages.map(toService),
  };
}

function toService({ name, listen, backend }: Passage): ServiceSettings {
  return {
    name,
    listen,
    scheduler: 'maglev',
    toa: { kind4: KIND, kind6: KIND, on: ['syn', 'ack', 'data'], onMissing: 'forward' },
    trustUpstream: [],
    timestamps: 'keep',
    whenAllDown: 'reset',
    timeouts: { embryonic: 10_000, established: 900_000, closing: 120_000, closed: 60_000 },
    health: { type: 'none' },
    backends: [{ endpoint: backend, weight: 1 }],
  };
}
