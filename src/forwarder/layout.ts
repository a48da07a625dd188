/**
 * The TypeScript side of bpf/forwarder.h. Sizes and offsets are bytes; a test compares them with the compiled BTF.
 * Addresses are 16 bytes and ports 2, both in network order.
 */

/** Numbers of bpf/forwarder.h that sizes and times go by. */
export const LIMITS = {
  tickShift: 20,
  servicesMax: 128,
  backendsMax: 131_072,
  localsMax: 64,
  egressesMax: 64,
  scheduleSize: 65_537,
  forwarderCounters: 64,
} as const;

/** struct egress */
export const EGRESS = { size: 20, ifindex: 0, port: 4, vlan: 8, mac: 10, isVeth: 16 } as const;

/** struct reference */
export const REFERENCE = { size: 8, slot: 0, generation: 4 } as const;

/** struct bucket: 8 entries of 8 bytes, 0 where one is free. */
export const BUCKET = { size: 64, entries: 0 } as const;

/** struct way */
export const WAY = {
  size: 64,
  destination: 0,
  source: 16,
  destinationPort: 32,
  sourcePort: 34,
  checksum: 36,
  mtu: 38,
  checked: 40,
  acknowledged: 44,
  fin: 48,
  nextMac: 52,
  egress: 58,
  vlan: 60,
} as const;

/** struct connection; `to` is two of {@link WAY}, by {@link DIRECTION}. */
export const CONNECTION = {
  size: 192,
  to: 0,
  generation: 128,
  flags: 132,
  backend: 136,
  service: 140,
  clientPort: 142,
  client: 144,
  created: 160,
  seen: 164,
  isn: 168,
  backendIsn: 172,
  sequenceShift: 176,
  timestampShift: 180,
  timestampBase: 184,
} as const;

/** struct service; the name ends with a zero byte. */
export const SERVICE = {
  size: 112,
  address: 0,
  port: 16,
  scheduler: 18,
  flags: 19,
  tagOn: 20,
  kind4: 21,
  kind6: 22,
  schedule: 24,
  cursor: 28,
  timeouts: 32,
  name: 56,
} as const;

/** struct backend */
export const BACKEND = {
  size: 72,
  address: 0,
  port: 16,
  service: 18,
  flags: 20,
  weight: 24,
  portsCursor: 28,
  active: 32,
  crowded: 36,
  opened: 40,
  established: 48,
  unanswered: 56,
  refused: 64,
} as const;

/** struct forwarder_settings */
export const FORWARDER_SETTINGS = {
  size: 80,
  key: 0,
  slots: 16,
  embryos: 20,
  locals4: 24,
  locals6: 28,
  portFirst: 32,
  portCount: 36,
  tableKey: 40,
} as const;

/** struct positions */
export const POSITIONS = { size: 12, hand: 0, embryo: 4, crowded: 8 } as const;

/** struct upstream_key */
export const UPSTREAM_KEY = { size: 22, prefixLength: 0, service: 4, address: 6 } as const;

/** struct listener */
export const LISTENER = { size: 20, address: 0, port: 16 } as const;

/** struct station */
export const STATION = { size: 8, mac: 0 } as const;

/** struct forwarder_counters: one 8-byte count for each of {@link COUNTERS}. */
export const FORWARDER_COUNTERS = { size: 512, count: 0 } as const;

/** struct sweep; `byState` has 7 words, `expired` {@link SWEEP_EXPIRED_MAX}. */
export const SWEEP = {
  size: 304,
  from: 0,
  count: 4,
  now: 8,
  freed: 12,
  reported: 16,
  byState: 20,
  expired: 48,
} as const;

/** How many expired connections one sweep can list. */
export const SWEEP_EXPIRED_MAX = 64;

/** enum direction */
export const DIRECTION = { toBackend: 0, toClient: 1 } as const;

/** CONNECTION_* */
export const CONNECTION_FLAGS = {
  open: 0x0001,
  answered: 0x0002,
  established: 0x0004,
  finClient: 0x0008,
  finBackend: 0x0010,
  finishedClient: 0x0020,
  finishedBackend: 0x0040,
  resetClient: 0x0080,
  aborted: 0x0100,
  upstream: 0x0200,
  taggedSyn: 0x0400,
  taggedAck: 0x0800,
  taggedData: 0x1000,
  missed: 0x2000,
  freeing: 0x4000,
  reported: 0x8000,
  resetBackend: 0x10000,
  talked: 0x20000,
  toldSyn: 0x40000,
  told: 0x80000,
  resetDoubted: 0x100000,
} as const;

/** enum connection_state */
export const STATE = {
  free: 0,
  synSent: 1,
  synReceived: 2,
  established: 3,
  closing: 4,
  closed: 5,
} as const;

/** enum scheduler */
export const SCHEDULER = { maglev: 0, source: 1, roundRobin: 2, leastConnections: 3 } as const;

/** SERVICE_* */
export const SERVICE_FLAGS = {
  open: 0x01,
  missingReset: 0x02,
  downReset: 0x04,
  stripTimestamps: 0x08,
  yieldTimestamps: 0x10,
  upstreams: 0x20,
} as const;

/** FORWARDER_TAG_* */
export const FORWARDER_TAG = { syn: 0x01, ack: 0x02, data: 0x04 } as const;

/** BACKEND_* */
export const BACKEND_FLAGS = { used: 0x01, up: 0x02, draining: 0x04, removed: 0x08 } as const;

/** ADDRESS_* */
export const ADDRESS_FLAGS = { service: 0x01, local: 0x02 } as const;

/** enum forwarder_counter: names in the order of their numbers. */
export const COUNTERS = [
  'toBackend',
  'toClient',
  'bytesToBackend',
  'bytesToClient',
  'opened',
  'established',
  'taggedSyn',
  'taggedAck',
  'taggedData',
  'scrubbed',
  'upstream',
  'noKind',
  'noRoom',
  'noRoomMtu',
  'compacted',
  'timestampsGivenUp',
  'resetUnknown',
  'resetMissing',
  'resetDown',
  'resetAborted',
  'tooBig',
  'dropDown',
  'dropTableFull',
  'dropNoPort',
  'dropNoLocal',
  'dropNoRoute',
  'dropNoNeighbour',
  'dropElsewhere',
  'dropForwardingOff',
  'dropTtl',
  'dropFragment',
  'dropIpOptions',
  'dropMalformed',
  'dropUnknownReset',
  'dropRace',
  'dropNoHeadroom',
  'dropInternal',
  'expiredEmbryo',
  'expiredEstablished',
  'evictedEmbryo',
  'recycled',
  'icmpToBackend',
  'icmpToClient',
  'icmpPassed',
  'notTold',
  'dropUnsummed',
  'misaddressed',
  'resetFormer',
] as const;
export type CounterName = (typeof COUNTERS)[number];
