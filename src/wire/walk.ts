import { FORMATS, Format, formatBit, formatOfLength, type SomeFormat } from './formats.js';
import type { RuleTable } from './rules.js';

/** How a walk ended, numbered as `enum toa_verdict`; a greater value outranks a smaller one found before it. */
export const Verdict = {
  /** Nothing that looks like TOA. */
  NONE: 0,
  /** TOA of a kind and length that is known but not enabled. */
  OTHER_KIND: 1,
  /** An enabled kind with another protocol's shape. */
  LOOKALIKE: 2,
  /** The option list itself is broken. */
  MALFORMED: 3,
  MATCH: 4,
} as const;

export type VerdictName = keyof typeof Verdict;
export type Verdict = (typeof Verdict)[VerdictName];

/** What the walk found: `struct toa_found` and what `toa_vip_behind()` adds. Offsets count from the first option byte. */
export interface Found {
  readonly verdict: Verdict;
  /** With a match; else {@link Format.NONE}. */
  readonly format: Format;
  /** The option the verdict is about; 0 with {@link Verdict.NONE}. */
  readonly at: number;
  /** A VIP option directly behind the match, or 0. */
  readonly vipAt: number;
}

/** A TCP header has room for no more option bytes (RFC 9293, section 3.1). */
export const MAX_OPTIONS = 40;

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const EXPERIMENT_254 = 254;

/**
 * Whether the option at `at` has a TOA shape but is another protocol's: Fast
 * Open's experimental form (RFC 7413, appendix A), whose magic on any segment
 * but a SYN would be the client port 63881, or an unknown version of the
 * address-only option. Every format is at least 6 bytes long, so the bytes read are there.
 */
function isImpostor(o: Uint8Array, at: number, format: SomeFormat, syn: boolean): boolean {
  if (o[at] === EXPERIMENT_254 && syn && o[at + 2] === 0xf9 && o[at + 3] === 0x89) return true;
  const { version } = FORMATS[format];
  return version !== undefined && o[at + 2] !== version;
}

/** The offset of a VIP option at `next`, or 0. */
function vipBehind(o: Uint8Array, end: number, next: number, rules: RuleTable): number {
  const { length } = FORMATS[Format.VIP];
  const there = next + length <= end && o[next + 1] === length;
  return there && rules[o[next]!]! & formatBit(Format.VIP) ? next : 0;
}

/**
 * Finds the TOA option in a TCP header's options: the twin, result for result,
 * of the walk in bpf/toa.h. The first match wins; nothing behind an
 * end-of-options byte or a broken option is read.
 *
 * @param options the bytes behind the fixed header; at most 40 are read
 * @param rules what is enabled for this segment
 * @param known what counts as TOA though it is not enabled
 * @param syn whether the segment carries the SYN flag
 */
export function walkOptions(options: Uint8Array, rules: RuleTable, known: RuleTable, syn: boolean): Found {
  const end = Math.min(options.length, MAX_OPTIONS);
  let verdict: Verdict = Verdict.NONE;
  let at = 0;

  for (let off = 0; off < end; ) {
    const kind = options[off]!;
    if (kind === END_OF_OPTIONS) break;
    if (kind === NO_OPERATION) {
      off += 1;
      continue;
    }
    const length = off + 1 < end ? options[off + 1]! : 0;
    if (length < 2 || off + length > end) {
      return { verdict: Verdict.MALFORMED, format: Format.NONE, at: off, vipAt: 0 };
    }
    const enabled = rules[kind]!;
    if (enabled !== 0) {
      const format = formatOfLength(enabled, length);
      if (format !== Format.NONE && !isImpostor(options, off, format, syn)) {
        const vipAt = FORMATS[format].client ? vipBehind(options, end, off + length, rules) : 0;
        return { verdict: Verdict.MATCH, format, at: off, vipAt };
      }
      if (verdict < Verdict.LOOKALIKE) {
        verdict = Verdict.LOOKALIKE;
        at = off;
      }
    } else if (verdict < Verdict.OTHER_KIND && formatOfLength(known[kind]!, length) !== Format.NONE) {
      verdict = Verdict.OTHER_KIND;
      at = off;
    }
    off += length;
  }
  return { verdict, format: Format.NONE, at, vipAt: 0 };
}
