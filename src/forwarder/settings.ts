import type { TaggedSegment } from '../tagger/settings.js';
import type { Cidr, Endpoint } from '../wire/index.js';

/** Concurrent connections, where nobody says how many. */
export const DEFAULT_CAPACITY = 1_000_000;

/** How a service chooses a backend for a new connection. */
export const SCHEDULERS = ['maglev', 'source', 'round-robin', 'least-connections'] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** What becomes of a client whose address finds no room. */
export const ON_MISSING = ['forward', 'reset'] as const;

/** What becomes of TCP timestamps: kept, stripped, or given up on a SYN where TOA has no room otherwise. */
export const TIMESTAMPS = ['keep', 'strip', 'yield'] as const;

/** How a client is answered while no backend is up. */
export const WHEN_ALL_DOWN = ['reset', 'drop'] as const;

export const HEALTH_TYPES = ['tcp', 'http', 'https', 'none'] as const;

/** What a forwarder is told to do; everything is decided, nothing is left to a default. */
export interface ForwarderSettings {
  /** Names of the interfaces it takes packets from. */
  readonly interfaces: readonly string[];
  /** Whether it runs in the network stack instead of the drivers. */
  readonly generic: boolean;
  /** What backends see as the sender, as canonical text; both families may be among them. */
  readonly localAddresses: readonly string[];
  /** Concurrent connections. */
  readonly capacity: number;
  readonly services: readonly ServiceSettings[];
  /** Where metrics are served; nowhere unless given. */
  readonly metrics?: Required<Endpoint>;
}

export interface ServiceSettings {
  readonly name: string;
  /** Where clients connect to. */
  readonly listen: Required<Endpoint>;
  readonly scheduler: Scheduler;
  readonly toa: ToaSettings;
  /** Forwarders in front of this one, whose TOA is believed and passed on. */
  readonly trustUpstream: readonly Cidr[];
  readonly timestamps: (typeof TIMESTAMPS)[number];
  readonly whenAllDown: (typeof WHEN_ALL_DOWN)[number];
  readonly timeouts: Timeouts;
  readonly health: HealthSettings;
  readonly backends: readonly BackendSettings[];
}

export interface ToaSettings {
  /** The kind of the 8-byte option, for IPv4 clients; without one they are not tagged. */
  readonly kind4?: number;
  /** The kind of the 20-byte option, for IPv6 clients. */
  readonly kind6?: number;
  readonly on: readonly TaggedSegment[];
  readonly onMissing: (typeof ON_MISSING)[number];
}

/** Milliseconds without a segment, after which a connection ends. */
export interface Timeouts {
  /** Before the handshake is complete. */
  readonly embryonic: number;
  readonly established: number;
  /** After the first FIN. */
  readonly closing: number;
  /** After both FINs or a RST; sooner where the slot or the port is needed. */
  readonly closed: number;
}

export type HealthSettings = { readonly type: 'none' } | ProbeSettings;

/** How a backend is asked whether it is well. Times are milliseconds. */
export interface ProbeSettings {
  readonly type: 'tcp' | 'http' | 'https';
  readonly interval: number;
  readonly timeout: number;
  /** So many good answers in a row bring a backend up. */
  readonly rise: number;
  /** So many bad ones take it down. */
  readonly fall: number;
  /** What http and https ask for. */
  readonly path: string;
  /** The Host header, and the name for TLS; the backend's address unless given. */
  readonly host?: string;
  /** HTTP statuses that are good answers, as ranges from and to. */
  readonly expect: readonly (readonly [number, number])[];
}

export interface BackendSettings {
  /** Address and port. */
  readonly endpoint: Required<Endpoint>;
  /** Its share among the others; 0: no new connections. */
  readonly weight: number;
}
