import { decodeOption } from '../../../src/wire/codec.js';
import { FORMATS, Format, formatOfLength } from '../../../src/wire/formats.js';
import { KNOWN_RULES } from '../../../src/wire/profiles.js';
import { nops, splitOptions } from '../packets/options.js';
import type { Endpoint } from './structs.js';

const KIND = { EOL: 0, NOP: 1, MSS: 2, SACK: 5, TIMESTAMPS: 8, ADDRESS_ONLY: 28, EXPERIMENT: 254 } as const;

/** No path carries less (RFC 9293 section 3.7.1). */
const SMALLEST_MSS = 536;

type Change = (option: Uint8Array) => ArrayLike<number>;

export function shiftTimestampValue(options: Uint8Array, by: number): Uint8Array {
  return changed(options, KIND.TIMESTAMPS, 10, (option) => withWord(option, 2, (value) => value + by));
}

export function shiftTimestampEcho(options: Uint8Array, by: number): Uint8Array {
  return changed(options, KIND.TIMESTAMPS, 10, (option) => withWord(option, 6, (echo) => echo - by));
}

/** From the backend's count of the client's bytes to the client's own. */
export function shiftSackEdges(options: Uint8Array, by: number): Uint8Array {
  const blocks = [10, 18, 26, 34];
  return blocks.reduce(
    (list, length) =>
      changed(list, KIND.SACK, length, (option) =>
        Array.from({ length: (length - 2) / 4 }, (_, edge) => 2 + 4 * edge).reduce(
          (bytes, at) => withWord(bytes, at, (edge) => edge - by),
          option,
        ),
      ),
    options,
  );
}

/** Cuts the MSS to `most`, and takes `less` off it. */
export function clampMss(options: Uint8Array, most: number, less: number): Uint8Array {
  return changed(options, KIND.MSS, 4, (option) => {
    const mss = (option[2]! << 8) | option[3]!;
    const clamped = mss <= SMALLEST_MSS ? mss : Math.max(SMALLEST_MSS, Math.min(mss, most) - less);
    return [KIND.MSS, 4, clamped >> 8, clamped & 0xff];
  });
}

export function withoutTimestamps(options: Uint8Array): Uint8Array {
  return changed(options, KIND.TIMESTAMPS, 10, () => nops(10));
}

/** Without what anybody might read as TOA: NOPs in its place, and nothing but zeros behind the list's end. */
export function scrubbed(options: Uint8Array): Uint8Array {
  return joined(options, (option) => {
    if (isBroken(option)) return new Uint8Array(option.length);
    return isLikeToa(option) ? nops(option.length) : option;
  });
}

/** Whether there is anything that somebody might read as TOA. */
export function hasToa(options: Uint8Array): boolean {
  return splitOptions(options).some((option) => !isBroken(option) && isLikeToa(option));
}

/** The client that the first TOA with a port and a possible address tells of. */
export function clientOf(options: Uint8Array, isSyn: boolean): Endpoint | undefined {
  for (const option of splitOptions(options)) {
    if (isBroken(option) || !isToa(option, isSyn)) continue;
    const client = decodeClient(option);
    if (client !== undefined) return client;
  }
  return undefined;
}

function decodeClient(option: Uint8Array): Endpoint | undefined {
  const format = formatOfLength(KNOWN_RULES[option[0]!]!, option.length);
  if (format === Format.NONE) return undefined;
  const { address, port = 0 } = decodeOption(option, format).client ?? {};
  const isMapped = FORMATS[format].client?.family === 6 && address?.includes('.');
  if (address === undefined || port === 0 || isMapped || isImpossible(address)) return undefined;
  return { address, port };
}

/** Unspecified, multicast, broadcast. */
function isImpossible(address: string): boolean {
  return /^(0|22[4-9]|23\d)\.|^255\.255\.255\.255$|^::$|^ff/.test(address);
}

/** The options without padding, filled up with EOL. */
export function packed(options: Uint8Array): Uint8Array {
  const list = joined(options, (option) => (isBroken(option) || option[0] === KIND.NOP ? [] : option));
  return Uint8Array.from([...list, ...new Array<number>((4 - (list.length % 4)) % 4).fill(KIND.EOL)]);
}

/** Whether this is the end of a list, or where it stops to make sense. */
function isBroken(option: Uint8Array): boolean {
  return (
    option[0] !== KIND.NOP && (option[0] === KIND.EOL || option.length !== option[1] || option.length < 2)
  );
}

/** By kind and length, which is all that some receivers look at. */
function isLikeToa([kind, length]: Uint8Array): boolean {
  return formatOfLength(KNOWN_RULES[kind!]!, length!) !== Format.NONE;
}

/** But for what only looks like it: Fast Open on a SYN, another version of kind 28. */
function isToa(option: Uint8Array, isSyn: boolean): boolean {
  const [kind, , third, fourth] = option;
  if (kind === KIND.EXPERIMENT && isSyn && third === 0xf9 && fourth === 0x89) return false;
  if (kind === KIND.ADDRESS_ONLY && third !== 1) return false;
  return isLikeToa(option);
}

function changed(options: Uint8Array, kind: number, length: number, change: Change): Uint8Array {
  return joined(options, (option) =>
    option[0] === kind && option[1] === length && option.length === length ? change(option) : option,
  );
}

function joined(options: Uint8Array, change: Change): Uint8Array {
  return Uint8Array.from(splitOptions(options).flatMap((option) => Array.from(change(option))));
}

function withWord(option: Uint8Array, at: number, change: (word: number) => number): Uint8Array {
  const bytes = Uint8Array.from(option);
  const view = new DataView(bytes.buffer);
  view.setUint32(at, change(view.getUint32(at)) >>> 0);
  return bytes;
}
