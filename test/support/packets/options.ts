import { addressBytes } from '../../../src/lab/ip-packet.js';
import { formatAddress } from '../../../src/wire/address.js';
import { toHex } from '../../../src/wire/hex.js';

/** The fillers among TCP options, each a whole option. */
export const EOL: readonly number[] = [0];
export const NOP: readonly number[] = [1];
export const SACK_PERMITTED: readonly number[] = [4, 2];

const KIND = { EOL: 0, NOP: 1, MSS: 2, SCALE: 3, SACK: 5, TIMESTAMPS: 8 } as const;

/** RFC 9293 section 3.7.1. */
export function mss(size: number): number[] {
  return [KIND.MSS, 4, ...words16(size)];
}

/** RFC 7323 section 2. */
export function windowScale(shift: number): number[] {
  return [KIND.SCALE, 3, shift];
}

/** RFC 7323 section 3; the option alone, 10 bytes. */
export function timestamps(value: number, echo: number): number[] {
  return [KIND.TIMESTAMPS, 10, ...words32(value, echo)];
}

/** RFC 2018 section 3: each block's left and right edge. */
export function sack(...blocks: readonly (readonly [number, number])[]): number[] {
  return [KIND.SACK, 2 + 8 * blocks.length, ...words32(...blocks.flat())];
}

/** TOA as the forwarder writes it: port and address, in 8 bytes or 20. */
export function toa(kind: number, address: string, port: number): number[] {
  const bytes = addressBytes(address);
  return [kind, 4 + bytes.length, ...words16(port), ...bytes];
}

/** Anything else, with these bytes behind kind and length. */
export function option(kind: number, ...bytes: number[]): number[] {
  return [kind, 2 + bytes.length, ...bytes];
}

/** So many NOPs. */
export function nops(count: number): number[] {
  return new Array<number>(count).fill(KIND.NOP);
}

/** The options of a header, one behind the other. */
export function options(...list: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(list.flat());
}

/** Well-formed options as they stand there, one by one; what is behind EOL, or broken, in one piece. */
export function splitOptions(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isFiller = bytes[at] === KIND.NOP;
    const size = isFiller ? 1 : (bytes[at + 1] ?? 0);
    const isLast = bytes[at] === KIND.EOL || (!isFiller && size < 2) || at + size > bytes.length;
    const part = bytes.subarray(at, isLast ? bytes.length : at + size);
    parts.push(part);
    at += part.length;
  }
  return parts;
}

/** Options in words: `mss 1460, nop, window scale 7, 254: 10.0.0.1 4242`. */
export function showOptions(bytes: Uint8Array): string {
  return splitOptions(bytes).map(showOption).join(', ');
}

function showOption(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [kind, length] = bytes;
  const numbers = (): string =>
    Array.from({ length: (bytes.length - 2) / 4 }, (_, at) => view.getUint32(2 + 4 * at)).join(' ');
  if (kind === KIND.EOL) return `eol ${toHex(bytes)}`;
  if (kind === KIND.NOP) return 'nop';
  if (length !== bytes.length) return `broken ${toHex(bytes)}`;
  if (kind === KIND.MSS && length === 4) return `mss ${view.getUint16(2)}`;
  if (kind === KIND.SCALE && length === 3) return `window scale ${bytes[2]}`;
  if (kind === SACK_PERMITTED[0] && length === 2) return 'sack permitted';
  if (kind === KIND.SACK && (bytes.length - 2) % 8 === 0) return `sack ${numbers()}`;
  if (kind === KIND.TIMESTAMPS && length === 10) return `timestamps ${numbers()}`;
  if (kind! >= 200 && length === 8) return `${kind}: ${bytes.slice(4).join('.')} ${view.getUint16(2)}`;
  if (kind! >= 200 && length === 20) return `${kind}: ${formatAddress(bytes.slice(4))} ${view.getUint16(2)}`;
  return toHex(bytes);
}

function words16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function words32(...values: number[]): number[] {
  return values.flatMap((value) => [...words16(value >>> 16), ...words16(value & 0xffff)]);
}
