/** The TypeScript side of bpf/tagger.h; a test compares it with the compiled object's BTF. */

/** struct tagger_settings */
export const TAGGER_SETTINGS = {
  size: 512,
  kind4: 0,
  format4: 1,
  kind6: 2,
  format6: 3,
  on: 4,
  takeLocal: 5,
  note: 8,
} as const;

/** TAG_ON_* */
export const TAG_ON = { syn: 0x01, ack: 0x02, data: 0x04 } as const;

/** struct tag */
export const TAG = { size: 56, boundNs: 0, client: 8, port: 24, written: 26 } as const;

/** struct tagger_counters */
export const TAGGER_COUNTERS = {
  size: 256,
  opened: 0,
  outcomes: 8,
  binds: 128,
  bindsLocal: 136,
  bindsUnchecked: 144,
  bindsNoMemory: 152,
  writtenSyn: 160,
  writtenAck: 168,
  writtenData: 176,
  noRoom: 184,
} as const;

/** struct decision */
export const TAG_DECISION = {
  size: 64,
  sequence: 0,
  atNs: 8,
  client: 16,
  backend: 32,
  clientPort: 48,
  backendPort: 50,
  outcome: 52,
  written: 53,
  sequenceEnd: 56,
} as const;
