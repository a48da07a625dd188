import { isDeepStrictEqual } from 'node:util';
import { listenerKey, stationKey, toBytes, upstreamKey } from '../../../src/forwarder/keys.js';
import {
  ADDRESS_FLAGS,
  BACKEND,
  BUCKET,
  LIMITS,
  SERVICE,
  STATE,
  SWEEP,
} from '../../../src/forwarder/layout.js';
import { objectPath } from '../../../src/kernel/artifacts.js';
import { mapInfo } from '../../../src/kernel/info.js';
import { interfaceIndex } from '../../../src/kernel/interface.js';
import { clearPerCpu, index, keys, lookup, remove, update } from '../../../src/kernel/map.js';
import { MappedArray } from '../../../src/kernel/mapped-array.js';
import { NativeMemory } from '../../../src/kernel/memory.js';
import { LoadedObject } from '../../../src/kernel/object.js';
import { runOnPacket, runSyscallProgram } from '../../../src/kernel/test-run.js';
import { parseAddress } from '../../../src/wire/address.js';
import { parseCidr } from '../../../src/wire/cidr.js';
import { KNOWN_RULES } from '../../../src/wire/profiles.js';
import { buildFrame, type Frame } from '../packets/frame.js';
import { age, type ConnectionView, connectionIn, forgetRoutes } from './connections.js';
import { assertAccounted, type Counts, countsBetween, readCounts } from './counts.js';
import { MAC, type Port, VLAN, VLAN_INTERFACE } from './network.js';
import {
  backendStruct,
  type Endpoint,
  egressStruct,
  type ServiceOptions,
  serviceStruct,
  settingsStruct,
} from './structs.js';

/** What an XDP program decides, by its number. */
const VERDICTS = ['aborted', 'drop', 'pass', 'tx', 'redirect'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What became of one frame. */
export interface Outcome {
  readonly verdict: Verdict;
  /** The frame as the program left it. */
  readonly bytes: Uint8Array;
  readonly counted: Counts;
}

export interface BedOptions {
  /** Of the connection table; 256 unless given. */
  readonly slots?: number;
  readonly embryos?: number;
  /** Local addresses; 10.1.0.10 and fd00:1::10 unless given. */
  readonly locals?: readonly string[];
  /** Of initial sequence numbers. */
  readonly key?: readonly [bigint, bigint];
  /** Local ports; all from 1024 unless given. */
  readonly ports?: { readonly first: number; readonly count: number };
}

/** What a sweep tells. */
export interface Swept {
  readonly freed: number;
  /** Slots visited, by their state before. */
  readonly byState: Readonly<Record<keyof typeof STATE, number>>;
  /** Slots whose established connection both sides are to be reset of. */
  readonly expired: readonly number[];
}

/** A service of the bed. */
export interface Service {
  readonly number: number;
  readonly options: ServiceOptions;
  /** Numbers of its backends. */
  readonly backends: readonly number[];
}

const SERVICES = 64;
const BACKENDS = 4096;
/** Room for the longest frame of a test run and what the program may add. */
const FRAME_BYTES = 4096;

/**
 * The forwarder's program with maps of its own, given one frame at a time (BPF_PROG_TEST_RUN) as if they came in by an
 * interface of {@link useNetwork}. Every frame is checked to be counted exactly once.
 */
export class PacketBed implements Disposable {
  readonly object: LoadedObject;
  readonly table: MappedArray;
  readonly slots: number;
  readonly #frame = new NativeMemory(FRAME_BYTES);
  readonly #ifindexes: Readonly<Record<Port, number>>;
  #services = 0;
  #backends = 0;

  constructor(options: BedOptions = {}) {
    const { slots = 256, embryos = 64, ports = { first: 1024, count: 64512 } } = options;
    const { locals = ['10.1.0.10', 'fd00:1::10'], key = [1n, 2n] } = options;
    this.slots = slots;
    this.object = LoadedObject.load(objectPath('forwarder'), {
      initial: { '.rodata.known': Buffer.from(KNOWN_RULES.buffer) },
      maxEntries: {
        connections: slots,
        tuples: slots,
        embryos,
        backends: BACKENDS,
        schedule: SERVICES * LIMITS.scheduleSize,
      },
    });
    this.table = new MappedArray(this.object.map('connections'));
    const ifindex = (name: string): number => interfaceIndex(name)!;
    this.#ifindexes = {
      clients: ifindex('clients'),
      backends: ifindex('backends'),
      other: ifindex('other'),
    };
    this.#addEgress(1, this.#ifindexes.clients, this.#ifindexes.clients, 0, MAC.clients);
    this.#addEgress(2, this.#ifindexes.backends, this.#ifindexes.backends, 0, MAC.backends);
    this.#addEgress(3, ifindex(VLAN_INTERFACE), this.#ifindexes.backends, VLAN, MAC.backends);
    const locals4 = locals.filter((address) => !address.includes(':'));
    const locals6 = locals.filter((address) => address.includes(':'));
    for (const [at, address] of locals4.entries()) this.#addLocal(at, address);
    for (const [at, address] of locals6.entries()) this.#addLocal(LIMITS.localsMax + at, address);
    this.#set(
      'settings',
      index(0),
      settingsStruct({
        key,
        slots,
        embryos,
        locals4: locals4.length,
        locals6: locals6.length,
        portFirst: ports.first,
        portCount: ports.count,
      }),
    );
  }

  addService(options: ServiceOptions): Service {
    this.#services += 1;
    const number = this.#services;
    const backends = options.backends.map((endpoint, at) => {
      this.#backends += 1;
      this.#set('backends', index(this.#backends), backendStruct(endpoint, number));
      this.#set('schedule', index(number * LIMITS.scheduleSize + at), index(this.#backends));
      return this.#backends;
    });
    for (const cidr of options.upstreams ?? [])
      this.#set('upstreams', toBytes(upstreamKey(number, parseCidr(cidr))), index(1));
    this.#set('services', index(number), serviceStruct(options));
    this.#set('listeners', toBytes(listenerKey(options.listen)), index(number));
    this.#set('addresses', parseAddress(options.listen.address), index(ADDRESS_FLAGS.service));
    return { number, options, backends };
  }

  /** Begins again with the number of the first service: the ones before take no new connections. */
  forgetServices(): void {
    const listeners = this.object.map('listeners');
    for (const listener of [...keys(listeners)]) remove(listeners, listener);
    this.#services = 0;
  }

  /** Makes the service schedule so many of its backends, as if the others were down. */
  setScheduled(service: Service, count: number): void {
    using services = new MappedArray(this.object.map('services'));
    services.setWord(service.number, SERVICE.schedule, count);
  }

  /** Gives the program a frame that comes in by an interface. */
  send(frame: Frame | Uint8Array, port: Port): Outcome {
    const bytes = frame instanceof Uint8Array ? frame : buildFrame(frame);
    this.#frame.bytes.set(bytes);
    const before = this.counts();
    const { returned, length } = runOnPacket(this.object.program('forwarder'), this.#frame, {
      length: bytes.length,
      ifindex: this.#ifindexes[port],
    });
    const counted = countsBetween(before, this.counts());
    const verdict = VERDICTS[returned]!;
    assertAccounted(verdict, counted);
    return { verdict, bytes: Uint8Array.from(this.#frame.bytes.subarray(0, length)), counted };
  }

  /** Lets the program `sweep` visit some slots; all unless told otherwise. */
  sweep(from = 0, count = this.slots): Swept {
    using context = new NativeMemory(SWEEP.size);
    const { bytes } = context;
    bytes.writeUInt32LE(from, SWEEP.from);
    bytes.writeUInt32LE(count, SWEEP.count);
    runSyscallProgram(this.object.program('sweep'), context);
    const words = (at: number, length: number): number[] =>
      Array.from({ length }, (_, word) => bytes.readUInt32LE(at + 4 * word));
    const states = Object.keys(STATE) as (keyof typeof STATE)[];
    const byState = words(SWEEP.byState, states.length);
    return {
      freed: bytes.readUInt32LE(SWEEP.freed),
      byState: Object.fromEntries(states.map((name) => [name, byState[STATE[name]]!])) as Swept['byState'],
      expired: words(SWEEP.expired, bytes.readUInt32LE(SWEEP.reported)),
    };
  }

  /** All counters, of all services together. */
  counts(): Counts {
    return readCounts(this.object.map('counters'), this.#services);
  }

  /** The connections there are, by slot. */
  connections(): ConnectionView[] {
    return Array.from({ length: this.slots }, (_, slot) => connectionIn(this.table, slot)).filter(
      (connection) => connection !== undefined,
    );
  }

  /** The connection of a client to a service, as segments of the client find it; undefined where there is none. */
  connectionOf(client: Endpoint, listen: Endpoint): ConnectionView | undefined {
    const slot = this.#slotOf(client, listen);
    return slot === undefined ? undefined : connectionIn(this.table, slot);
  }

  /** The connection in a slot; undefined where there is none. */
  connectionIn(slot: number): ConnectionView | undefined {
    return connectionIn(this.table, slot);
  }

  /** Moves a connection's last segment so many seconds into the past. */
  age(client: Endpoint, listen: Endpoint, seconds: number): void {
    age(this.table, this.#slotOf(client, listen)!, seconds);
  }

  /** Makes the next segment of a connection, either way, look for its next hop again. */
  forgetRoutes(client: Endpoint, listen: Endpoint): void {
    forgetRoutes(this.table, this.#slotOf(client, listen)!);
    this.forgetKnownRoutes();
  }

  /** Makes new connections ask the kernel for their routes, whoever has asked within the last second. */
  forgetKnownRoutes(): void {
    const map = this.object.map('known_routes');
    const { maxEntries, valueSize } = mapInfo(map);
    for (let at = 0; at < maxEntries; at++) clearPerCpu(map, index(at), valueSize);
  }

  /** What the program counts of a backend. */
  backend(number: number): Record<'active' | 'opened' | 'established' | 'unanswered' | 'refused', number> {
    const value = lookup(this.object.map('backends'), index(number), BACKEND.size)!;
    const long = (at: number): number => Number(value.readBigUInt64LE(at));
    return {
      active: value.readUInt32LE(BACKEND.active),
      opened: long(BACKEND.opened),
      established: long(BACKEND.established),
      unanswered: long(BACKEND.unanswered),
      refused: long(BACKEND.refused),
    };
  }

  /** How many entries the map `tuples` has: two for each connection. */
  tuples(): number {
    using buckets = new MappedArray(this.object.map('tuples'));
    const entries = Array.from({ length: buckets.length }, (_, at) => {
      const bucket = buckets.read(at);
      return Array.from({ length: BUCKET.size / 8 }, (_, entry) => bucket.readBigUInt64LE(8 * entry));
    });
    return entries.flat().filter((entry) => entry !== 0n).length;
  }

  [Symbol.dispose](): void {
    this.table[Symbol.dispose]();
    this.#frame[Symbol.dispose]();
    this.object[Symbol.dispose]();
  }

  #slotOf(remote: Endpoint, local: Endpoint): number | undefined {
    return this.connections().find(
      ({ client, listen }) => isDeepStrictEqual(client, remote) && isDeepStrictEqual(listen, local),
    )?.slot;
  }

  #set(map: string, key: Uint8Array, value: Uint8Array): void {
    update(this.object.map(map), key, value);
  }

  #addLocal(number: number, address: string): void {
    this.#set('locals', index(number), parseAddress(address));
    this.#set('addresses', parseAddress(address), index(ADDRESS_FLAGS.local));
  }

  #addEgress(number: number, ifindex: number, port: number, vlan: number, mac: string): void {
    this.#set('egresses', index(number), egressStruct({ ifindex, port, vlan, mac }));
    this.#set('egress_of', index(ifindex), index(number));
    this.#set('stations', toBytes(stationKey(mac)), index(1));
  }
}
