import fc from 'fast-check';
import { FLAG } from '../../../src/lab/tcp.js';
import { FORMATS } from '../../../src/wire/formats.js';
import { toHex } from '../../../src/wire/hex.js';
import { KNOWN_OPTIONS } from '../../../src/wire/profiles.js';
import {
  EOL,
  mss,
  NOP,
  option,
  SACK_PERMITTED,
  sack,
  timestamps,
  toa,
  windowScale,
} from '../packets/options.js';
import type { Part } from './segments.js';
import type { ServiceOptions } from './structs.js';

const word = fc.nat(0xffffffff);
const bytes = (maxLength: number): fc.Arbitrary<number[]> => fc.array(fc.nat(255), { maxLength });

/** Something of the shape that somebody knows as TOA. */
const knownOption = fc
  .tuple(fc.constantFrom(...KNOWN_OPTIONS), fc.array(fc.nat(255), { minLength: 38, maxLength: 38 }))
  .map(([{ kind, format }, body]) => option(kind, ...body.slice(0, FORMATS[format].length - 2)));

const isKnown = (kind: number): boolean => KNOWN_OPTIONS.some((known) => known.kind === kind);

const edges = fc.tuple(word, word);

/** One TCP option: what stacks send, what attackers send, and what nobody knows. */
const anyOption: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(NOP) },
  { weight: 3, arbitrary: fc.tuple(word, word).map(([value, echo]) => timestamps(value, echo)) },
  { weight: 2, arbitrary: fc.array(edges, { minLength: 1, maxLength: 4 }).map((list) => sack(...list)) },
  { weight: 2, arbitrary: fc.nat(0xffff).map(mss) },
  { weight: 1, arbitrary: fc.nat(14).map(windowScale) },
  { weight: 1, arbitrary: fc.constant(SACK_PERMITTED) },
  { weight: 2, arbitrary: fc.ipV4().map((address) => toa(254, address, 4242)) },
  { weight: 2, arbitrary: knownOption },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 9, max: 255 }), bytes(20))
      .map(([kind, body]) => option(kind, ...body)),
  },
);

/** The end of a list: nothing, EOL with anything behind it, or a length that lies. */
const anyEnd = fc.oneof(
  { weight: 6, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: bytes(12).map((rest) => [...EOL, ...rest]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 2, max: 255 }), fc.constantFrom(0, 1, 41, 255), bytes(8))
      .map(([kind, length, rest]) => [kind, length, ...rest]),
  },
);

/** A list as Linux aligns it: each option behind two NOPs. */
const alignedList = fc
  .tuple(fc.boolean(), fc.array(edges, { maxLength: 3 }), word, word)
  .map(([hasTimestamps, blocks, value, echo]) => [
    ...(hasTimestamps ? [...NOP, ...NOP, ...timestamps(value, echo)] : []),
    ...(blocks.length > 0 ? [...NOP, ...NOP, ...sack(...blocks)] : []),
  ]);

/** Only two options depend on numbers that change, and nobody knows what a second one of them would mean. */
const isFiller = ([kind]: readonly number[]): boolean => kind === NOP[0];
const mixedList = fc
  .tuple(
    fc.uniqueArray(anyOption, {
      maxLength: 8,
      comparator: (a, b) => a[0] === b[0] && !isFiller(a) && !isKnown(a[0]!),
    }),
    anyEnd,
  )
  .map(([list, end]) => [...list.flat(), ...end]);

/** Whole option lists of up to 40 bytes, sense and nonsense, as hexadecimal digits: a counterexample is to be read. */
const optionLists: fc.Arbitrary<string> = fc
  .oneof({ weight: 1, arbitrary: alignedList }, { weight: 2, arbitrary: mixedList })
  .map((list) => {
    const cut = list.slice(0, 40);
    return toHex(Uint8Array.from([...cut, ...new Array<number>((4 - (cut.length % 4)) % 4).fill(0)]));
  });

/** One segment, in few words. */
export interface Sketch {
  readonly flags: number;
  readonly options: string;
  /** Bytes of payload. */
  readonly payload: number;
  readonly window: number;
  readonly urgent: number;
  readonly tos: number;
  readonly ttl: number;
  /** Numbers out of turn. */
  readonly seq?: number;
  readonly ack?: number;
}

/** The segment of a sketch. */
export function partOf({ options, payload, tos, ttl, ...rest }: Sketch): Part {
  return {
    ...rest,
    options: Uint8Array.from(Buffer.from(options, 'hex')),
    payload: Uint8Array.from({ length: payload }, (_, at) => at * 7 + payload),
    ip: { tos, ttl },
  };
}

const headers = {
  options: optionLists,
  payload: fc.oneof(fc.constant(0), fc.nat(200), fc.integer({ min: 1340, max: 1500 })),
  window: fc.nat(0xffff),
  urgent: fc.integer({ min: 1, max: 0xffff }),
  tos: fc.nat(255),
  ttl: fc.integer({ min: 2, max: 255 }),
};

/** A SYN, or with ACK among the flags the answer to one. */
export function openings(flags: number): fc.Arbitrary<Sketch> {
  return fc.record({ ...headers, payload: fc.constantFrom(0, 0, 7), flags: fc.constant(flags) });
}

/** What may come back as it went: no edges of SACK blocks, which count the other side's bytes; room and a TTL for both. */
export const echoes: fc.Arbitrary<Sketch> = fc
  .record({
    ...headers,
    options: fc.tuple(fc.boolean(), word, word, fc.nat(3)).map(([hasTimestamps, value, echo, padding]) => {
      const list = hasTimestamps ? [...NOP, ...NOP, ...timestamps(value, echo)] : [];
      return toHex(Uint8Array.from([...list, ...option(77, ...new Array<number>(2 + 4 * padding).fill(5))]));
    }),
    payload: fc.nat(1300),
    ttl: fc.integer({ min: 3, max: 255 }),
    flags: fc.constantFrom(FLAG.ACK, FLAG.ACK | FLAG.PSH, FLAG.ACK | FLAG.URG | FLAG.ECE),
  })
  .map((sketch) => ({ ...sketch }));

/** Any bits but SYN and RST, reserved ones as well. */
const ordinaryFlags = fc.nat(0xfff).map((bits) => bits & ~(FLAG.SYN | FLAG.RST));

/** Who says what in the middle of a connection. */
export interface Turn {
  readonly side: 'client' | 'backend';
  readonly sketch: Sketch;
}

/** What two sides say after a SYN and its answer, in any order; some of it is sent again, or ahead of time. */
export const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc
    .record({
      side: fc.constantFrom('client' as const, 'backend' as const),
      header: fc.record(headers),
      flags: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(FLAG.ACK, FLAG.ACK | FLAG.PSH) },
        { weight: 1, arbitrary: ordinaryFlags },
      ),
      numbers: fc.oneof(
        { weight: 5, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.record({ seq: word, ack: word }) },
      ),
    })
    .map(({ side, header, flags, numbers }) => ({ side, sketch: { ...header, flags, ...numbers } })),
  { maxLength: 12 },
);

/** Everything about a service that changes segments. */
export const services: fc.Arbitrary<Omit<ServiceOptions, 'listen' | 'backends'>> = fc.record({
  tagOn: fc.oneof(
    { weight: 2, arbitrary: fc.constant(['syn', 'ack', 'data'] as const) },
    { weight: 1, arbitrary: fc.subarray(['syn', 'ack', 'data'] as const) },
  ),
  kind4: fc.constantFrom(254, 200, 0),
  kind6: fc.constantFrom(254, 253, 0),
  flags: fc.constantFrom([], ['stripTimestamps'] as const, ['yieldTimestamps'] as const),
});
