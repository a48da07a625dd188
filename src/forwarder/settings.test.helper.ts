import { parseEndpoint } from '../wire/index.js';
import type { BackendSettings, ForwarderSettings, ServiceSettings } from './settings.js';

/** Settings as a short configuration comes to, but for what is given. */
export function someSettings(changes: Partial<ForwarderSettings> = {}): ForwarderSettings {
  return {
    interfaces: ['eth0'],
    generic: false,
    localAddresses: ['10.0.0.10'],
    capacity: 1_000,
    services: [someService()],
    ...changes,
  };
}

export function someService(changes: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    name: 'web',
    listen: parseEndpoint('198.51.100.10:443'),
    scheduler: 'maglev',
    toa: { kind4: 254, kind6: 254, on: ['syn', 'ack', 'data'], onMissing: 'forward' },
    trustUpstream: [],
    timestamps: 'keep',
    whenAllDown: 'reset',
    timeouts: { embryonic: 10_000, established: 900_000, closing: 120_000, closed: 60_000 },
    health: { type: 'none' },
    backends: [backend('10.0.1.11:8443')],
    ...changes,
  };
}

export function backend(endpoint: string, weight = 1): BackendSettings {
  return { endpoint: parseEndpoint(endpoint), weight };
}
