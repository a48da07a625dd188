/**
 * The TypeScript side of bpf/receiver.h. Sizes and offsets are bytes; a test compares them with the compiled object's
 * BTF.
 */

/** struct receiver_settings */
export const SETTINGS = {
  size: 3072,
  completing: 0,
  syn: 512,
  known: 1024,
  readSyn: 1536,
  refuseLoopback: 1537,
  refusePrivate: 1538,
  trustedFew: 1539,
  readsKernel: 1540,
  trusted: 1544,
  note: 2056,
} as const;

/** struct connection */
export const CONNECTION = {
  size: 56,
  establishedNs: 0,
  client: 8,
  vip: 24,
  clientPort: 40,
  vipPort: 42,
  vid: 44,
  kind: 48,
  length: 49,
  format: 50,
  flags: 51,
} as const;

/** struct slot */
export const SLOT = { size: 80, claims: 0, asked: 4, owner: 8, socket: 16, connection: 24 } as const;

/** struct counters */
export const COUNTERS = {
  size: 512,
  established: 0,
  outcomes: 8,
  peernameClient: 256,
  peernameMismatch: 264,
  peernameTransport: 272,
  peernameOther: 280,
  sockoptAnswered: 288,
} as const;

/** struct decision */
export const DECISION = {
  size: 104,
  sequence: 0,
  atNs: 8,
  peer: 16,
  local: 32,
  peerPort: 48,
  localPort: 50,
  outcome: 52,
  optionAt: 53,
  optionsLength: 54,
  syn: 55,
  options: 56,
  sequenceEnd: 96,
} as const;

/** struct network */
export const NETWORK = { size: 32, address: 0, mask: 16 } as const;

/** struct trust_key */
export const TRUST_KEY = { size: 20, prefix: 0, address: 4 } as const;

/** TRUEPEER_* of include/truepeer.h */
export const FLAGS = {
  hasClient: 0x01,
  hasPort: 0x02,
  hasVip: 0x04,
  hasVid: 0x08,
  fromSyn: 0x10,
  nat64: 0x20,
} as const;
