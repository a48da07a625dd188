/** The TypeScript side of bpf/tagger.h; a test compares it with the compiled object's BTF. */

/** struct tagger_settings */
export const TAGGER_SETTINGS = { size: 8, kind4: 0, format4: 1, kind6: 2, format6: 3, on: 4, takeLocal: 5 } as const;

/** TAG_ON_* */
export const TAG_ON = { syn: 0x01, ack: 0x02, data: 0x04 } as const;

/** struct tagger_counters */
export const TAGGER_COUNTERS = {
  size: 128,
  binds: 0,
  syn: 8,
  ack: 16,
  data: 24,
  noRoom: 32,
  noKind: 40,
  noMemory: 48,
  tooManyAddresses: 56,
} as const;
