import {
  BACKEND,
  BACKEND_FLAGS,
  EGRESS,
  FORWARDER_SETTINGS,
  FORWARDER_TAG,
  SCHEDULER,
  SERVICE,
  SERVICE_FLAGS,
  STATE,
} from '../../../src/forwarder/layout.js';
import { ticksOf } from '../../../src/forwarder/ticks.js';
import { parseAddress } from '../../../src/wire/address.js';
import { macBytes } from '../packets/frame.js';

/** An address and a port, both needed. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A service as the tests want it; what is not given is a service that does everything. */
export interface ServiceOptions {
  readonly listen: Endpoint;
  readonly backends: readonly Endpoint[];
  readonly scheduler?: keyof typeof SCHEDULER;
  /** Beside `open`. */
  readonly flags?: readonly (keyof typeof SERVICE_FLAGS)[];
  /** SYN, handshake ACK and data unless given. */
  readonly tagOn?: readonly (keyof typeof FORWARDER_TAG)[];
  /** 0: such clients are not tagged. 254 unless given. */
  readonly kind4?: number;
  readonly kind6?: number;
  /** Trusted forwarders in front. */
  readonly upstreams?: readonly string[];
}

/** Seconds without a segment, by state. */
export const TIMEOUTS = { synSent: 10, synReceived: 10, established: 900, closing: 120, closed: 60 } as const;

export function settingsStruct(of: {
  readonly key: readonly [bigint, bigint];
  readonly slots: number;
  readonly embryos: number;
  readonly locals4: number;
  readonly locals6: number;
  readonly portFirst: number;
  readonly portCount: number;
}): Buffer {
  const bytes = Buffer.alloc(FORWARDER_SETTINGS.size);
  for (const [at, word] of of.key.entries()) bytes.writeBigUInt64LE(word, FORWARDER_SETTINGS.key + 8 * at);
  for (const field of ['slots', 'embryos', 'locals4', 'locals6', 'portFirst', 'portCount'] as const)
    bytes.writeUInt32LE(of[field], FORWARDER_SETTINGS[field]);
  for (let word = 0; word < 10; word++)
    bytes.writeUInt32LE(0x9e3779b1 + word, FORWARDER_SETTINGS.tableKey + 4 * word);
  return bytes;
}

export function serviceStruct(options: ServiceOptions): Buffer {
  const { listen, backends, scheduler = 'roundRobin', flags = [], upstreams = [] } = options;
  const { tagOn = ['syn', 'ack', 'data'], kind4 = 254, kind6 = 254 } = options;
  const all = [...flags, 'open' as const, ...(upstreams.length > 0 ? ['upstreams' as const] : [])];
  const bytes = Buffer.alloc(SERVICE.size);
  bytes.set(parseAddress(listen.address), SERVICE.address);
  bytes.writeUInt16BE(listen.port, SERVICE.port);
  bytes[SERVICE.scheduler] = SCHEDULER[scheduler];
  bytes[SERVICE.flags] = all.reduce((bits, flag) => bits | SERVICE_FLAGS[flag], 0);
  bytes[SERVICE.tagOn] = tagOn.reduce((bits, tag) => bits | FORWARDER_TAG[tag], 0);
  bytes[SERVICE.kind4] = kind4;
  bytes[SERVICE.kind6] = kind6;
  bytes.writeUInt32LE(backends.length, SERVICE.schedule);
  for (const [state, seconds] of Object.entries(TIMEOUTS))
    bytes.writeUInt32LE(
      ticksOf(seconds * 1000),
      SERVICE.timeouts + 4 * STATE[state as keyof typeof TIMEOUTS],
    );
  bytes.write('tested', SERVICE.name);
  return bytes;
}

export function backendStruct({ address, port }: Endpoint, service: number, weight = 1): Buffer {
  const bytes = Buffer.alloc(BACKEND.size);
  bytes.set(parseAddress(address), BACKEND.address);
  bytes.writeUInt16BE(port, BACKEND.port);
  bytes.writeUInt16LE(service, BACKEND.service);
  bytes.writeUInt32LE(BACKEND_FLAGS.used | BACKEND_FLAGS.up, BACKEND.flags);
  bytes.writeUInt32LE(weight, BACKEND.weight);
  return bytes;
}

export function egressStruct(egress: {
  readonly ifindex: number;
  readonly port: number;
  readonly vlan: number;
  readonly mac: string;
}): Buffer {
  const bytes = Buffer.alloc(EGRESS.size);
  bytes.writeUInt32LE(egress.ifindex, EGRESS.ifindex);
  bytes.writeUInt32LE(egress.port, EGRESS.port);
  bytes.writeUInt16LE(egress.vlan, EGRESS.vlan);
  bytes.set(macBytes(egress.mac), EGRESS.mac);
  return bytes;
}
