import { randomInt } from 'node:crypto';
import { type Endpoint, formatAddress, parseAddress } from '../wire/index.js';
import { BACKEND, BACKEND_FLAGS, SCHEDULER, SERVICE, SERVICE_FLAGS, STATE } from './layout.js';
import type { Scheduler } from './settings.js';
import type { Tables } from './tables.js';

/** What a service's entry says, counts and cursors aside. */
export interface ServiceEntry {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly listen: Required<Endpoint>;
  readonly scheduler: Scheduler;
  /** SERVICE_FLAGS */
  readonly flags: number;
  /** FORWARDER_TAG */
  readonly tagOn: number;
  /** 0: none */
  readonly kind4: number;
  readonly kind6: number;
  /** Ticks, by STATE. */
  readonly timeouts: readonly number[];
}

/** What a backend's entry says, counts and cursors aside. */
export interface BackendEntry {
  /** From 1. */
  readonly number: number;
  /** The service's number. */
  readonly service: number;
  readonly endpoint: Required<Endpoint>;
  readonly weight: number;
  /** BACKEND_FLAGS */
  readonly flags: number;
}

const SCHEDULER_NAMES = {
  maglev: SCHEDULER.maglev,
  source: SCHEDULER.source,
  'round-robin': SCHEDULER.roundRobin,
  'least-connections': SCHEDULER.leastConnections,
} as const satisfies Record<Scheduler, number>;

const TIMEOUTS = Object.keys(STATE).length;

/** The services in use, in the order of their numbers: those that are open, and those whose last connections go on. */
export function readServices({ services }: Tables): ServiceEntry[] {
  const entries: ServiceEntry[] = [];
  for (let number = 1; number < services.length; number++) {
    const bytes = services.read(number, 0, SERVICE.size);
    if (bytes.readUInt16BE(SERVICE.port) === 0) continue;
    const name = bytes.subarray(SERVICE.name);
    const scheduler = Object.entries(SCHEDULER_NAMES).find(([, code]) => code === bytes[SERVICE.scheduler]);
    entries.push({
      number,
      name: name.toString('latin1', 0, name.indexOf(0)),
      listen: endpointAt(bytes, 0),
      scheduler: (scheduler?.[0] ?? 'maglev') as Scheduler,
      flags: bytes[SERVICE.flags]!,
      tagOn: bytes[SERVICE.tagOn]!,
      kind4: bytes[SERVICE.kind4]!,
      kind6: bytes[SERVICE.kind6]!,
      timeouts: Array.from({ length: TIMEOUTS }, (_, at) => bytes.readUInt32LE(SERVICE.timeouts + 4 * at)),
    });
  }
  return entries;
}

/** The backends in use, in the order of their numbers; those that were removed, too, until their last connection ends. */
export function readBackends({ backends }: Tables): BackendEntry[] {
  const entries: BackendEntry[] = [];
  const all = backends.readAll();
  for (let number = 1; number < backends.length; number++) {
    const at = number * backends.stride;
    const flags = all.readUInt32LE(at + BACKEND.flags);
    if ((flags & BACKEND_FLAGS.used) === 0) continue;
    entries.push({
      number,
      service: all.readUInt16LE(at + BACKEND.service),
      endpoint: endpointAt(all, at),
      weight: all.readUInt32LE(at + BACKEND.weight),
      flags,
    });
  }
  return entries;
}

/** How many backends are configured, and how many of these are up. */
export function countBackends({ backends }: Tables): { readonly configured: number; readonly up: number } {
  const { used, removed, up } = BACKEND_FLAGS;
  const counts = { configured: 0, up: 0 };
  for (let number = 1; number < backends.length; number++) {
    const flags = backends.word(number, BACKEND.flags);
    if ((flags & (used | removed)) !== used) continue;
    counts.configured++;
    if (flags & up) counts.up++;
  }
  return counts;
}

/** Whether it takes connections; one that does not was removed, and its last connections go on. */
export function isOpen({ flags }: ServiceEntry): boolean {
  return (flags & SERVICE_FLAGS.open) !== 0;
}

/** Writes a service's entry, but for what the program counts and how much of its schedule is in use. */
export function writeService({ services }: Tables, entry: ServiceEntry): void {
  const bytes = Buffer.alloc(SERVICE.size);
  writeEndpoint(bytes, entry.listen);
  bytes[SERVICE.scheduler] = SCHEDULER_NAMES[entry.scheduler];
  bytes[SERVICE.flags] = entry.flags;
  bytes[SERVICE.tagOn] = entry.tagOn;
  bytes[SERVICE.kind4] = entry.kind4;
  bytes[SERVICE.kind6] = entry.kind6;
  services.write(entry.number, SERVICE.address, bytes.subarray(SERVICE.address, SERVICE.port));
  const name = Buffer.alloc(SERVICE.size - SERVICE.name);
  name.write(entry.name, 0, name.length - 1, 'latin1');
  services.write(entry.number, SERVICE.name, name);
  entry.timeouts.forEach((ticks, state) => {
    services.setWord(entry.number, SERVICE.timeouts + 4 * state, ticks);
  });
  // Each word as a whole, and the one with the flags last.
  for (const offset of [SERVICE.tagOn, SERVICE.port])
    services.setWord(entry.number, offset, bytes.readUInt32LE(offset));
}

/** Writes the entry of a backend that nothing leads to yet. */
export function writeBackend({ backends }: Tables, entry: BackendEntry): void {
  const bytes = Buffer.alloc(BACKEND.size);
  writeEndpoint(bytes, entry.endpoint);
  bytes.writeUInt16LE(entry.service, BACKEND.service);
  bytes.writeUInt32LE(entry.weight, BACKEND.weight);
  bytes.writeUInt32LE(entry.flags, BACKEND.flags);
  // Not where the one before began: the backend may remember its connections.
  bytes.writeUInt32LE(randomInt(2 ** 32), BACKEND.portsCursor);
  backends.write(entry.number, 0, bytes);
}

/** Writes what can change of a backend: its weight and flags. What the program counts goes on. */
export function changeBackend({ backends }: Tables, { number, weight, flags }: BackendEntry): void {
  backends.setWord(number, BACKEND.weight, weight);
  backends.setWord(number, BACKEND.flags, flags);
}

/** Both structs begin with address and port. */
const ENDPOINT = { address: 0, port: 16 } as const;

function endpointAt(bytes: Buffer, at: number): Required<Endpoint> {
  const address = formatAddress(bytes.subarray(at + ENDPOINT.address, at + ENDPOINT.port));
  return { address, port: bytes.readUInt16BE(at + ENDPOINT.port) };
}

function writeEndpoint(bytes: Buffer, { address, port }: Required<Endpoint>): void {
  bytes.set(parseAddress(address), ENDPOINT.address);
  bytes.writeUInt16BE(port, ENDPOINT.port);
}
