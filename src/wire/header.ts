import { decodeOption, type ToaOption } from './codec.js';
import { formatEndpoint } from './endpoint.js';
import { Format } from './formats.js';
import { toHex } from './hex.js';
import { KNOWN_RULES } from './profiles.js';
import { EXPERIMENTS, STANDARD_KINDS } from './registry.js';
import type { RuleTable } from './rules.js';
import { walkOptions } from './walk.js';

/** Bytes that are not a whole TCP header. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

const FIXED_HEADER = 20;

/**
 * The option bytes of a raw TCP header (RFC 9293, section 3.1).
 *
 * @param header from the source port on; what follows the header is not read
 * @returns a view of `header`, 0 to 40 bytes long
 * @throws {HeaderError} when the data offset is too small, or points past the bytes
 */
export function headerOptions(header: Uint8Array): Uint8Array {
  if (header.length < FIXED_HEADER) {
    throw new HeaderError(`a TCP header has at least ${FIXED_HEADER} bytes, and these are ${header.length}`);
  }
  const end = (header[12]! >> 4) * 4;
  if (end < FIXED_HEADER || end > header.length) {
    throw new HeaderError(`the data offset says ${end} bytes of TCP header, and there are ${header.length}`);
  }
  return header.subarray(FIXED_HEADER, end);
}

/** One option as it lies in the header, or what is left where the list breaks or ends. */
export interface OptionSlice {
  /** From the first option byte. */
  readonly at: number;
  readonly kind: number;
  /** What the length byte says; 1 for NOP, the whole rest for end-of-options; 0 where there is no length byte. */
  readonly length: number;
  /** The option, kind byte first; of a broken one, everything that is left. */
  readonly bytes: Uint8Array;
  /** The length is impossible: nothing behind can be told apart. */
  readonly broken: boolean;
}

/** The option list in pieces that together are all of its bytes. Never throws. */
export function splitOptions(options: Uint8Array): OptionSlice[] {
  const slices: OptionSlice[] = [];
  for (let at = 0; at < options.length; ) {
    const kind = options[at]!;
    const rest = options.subarray(at);
    const length = kind === 0 ? rest.length : kind === 1 ? 1 : (rest[1] ?? 0);
    const broken = kind > 1 && (length < 2 || length > rest.length);
    const bytes = broken ? rest : rest.subarray(0, length);
    slices.push({ at, kind, length, bytes, broken });
    at += bytes.length;
  }
  return slices;
}

function describeToa(option: ToaOption): string {
  const parts: string[] = [];
  if (option.client) parts.push(`client ${formatEndpoint(option.client)}`);
  if (option.vip) parts.push(`VIP ${formatEndpoint(option.vip)}`);
  if (option.vid !== undefined) parts.push(`vid ${option.vid}`);
  if (option.vpc !== undefined) parts.push(`VPC ${option.vpc}`);
  return parts.join(' ');
}

function describeOther({ kind, length, bytes }: OptionSlice): string {
  const standard = STANDARD_KINDS.get(kind);
  if (standard !== undefined && (standard.length ?? length) === length) return standard.name;
  const body = toHex(bytes.subarray(2));
  const experiment = kind === 253 || kind === 254 ? EXPERIMENTS.get(body.slice(0, 4)) : undefined;
  return `${experiment ?? 'unknown'} ${body}`.trimEnd();
}

/**
 * One line on an option, for people: `254/8 client 203.0.113.7:4242`, `2/4 MSS`,
 * `77/4 unknown 0102`, `254/9 broken fe0910`.
 *
 * @param syn whether the segment carries the SYN flag: Fast Open's magic counts only there
 * @param rules what to read as TOA; every known option unless given
 */
export function describeOption(option: OptionSlice, syn: boolean, rules: RuleTable = KNOWN_RULES): string {
  const { kind, length, bytes, broken } = option;
  if (kind === 1) return 'NOP';
  if (kind === 0) {
    const behind = bytes.subarray(1);
    return behind.some((byte) => byte !== 0) ? `end of options, unread ${toHex(behind)}` : 'end of options';
  }
  if (broken) return `${kind}/${bytes.length > 1 ? length : '?'} broken ${toHex(bytes)}`;
  const { format } = walkOptions(bytes, rules, rules, syn);
  const what = format === Format.NONE ? describeOther(option) : describeToa(decodeOption(bytes, format));
  return `${kind}/${length} ${what}`;
}
