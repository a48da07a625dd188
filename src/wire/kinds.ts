import { FORMATS, Format, formatBit, formatOfLength, type SomeFormat } from './formats.js';
import { KNOWN_RULES, knownLengths } from './profiles.js';
import { STANDARD_KINDS } from './registry.js';

/** A `kind/length` that cannot be read as TOA. The message quotes it and says what would be right. */
export class KindError extends Error {
  override readonly name = 'KindError';
}

/** One kind chosen by hand. */
export interface KindChoice {
  readonly kind: number;
  readonly length: number;
  readonly format: SomeFormat;
}

/** What a length means on a kind that no vendor is known to use. Those with two plausible layouts have the plain one. */
const PLAIN_FORMATS = [Format.IPV4, Format.IPV6, Format.ADDRESS4, Format.ADDRESS6, Format.IPV4_VIP] as const;
const PLAIN_MASK = PLAIN_FORMATS.reduce((mask, format) => mask | formatBit(format), 0);
const PLAIN_LENGTHS = PLAIN_FORMATS.map((format) => FORMATS[format].length).sort((a, b) => a - b);

const DECIMAL = /^(0|[1-9][0-9]*)$/;

function list(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join() : `${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}`;
}

/**
 * Reads `200/8`: the kind of an option and its length in bytes, kind and
 * length bytes included. A pair that a vendor is known to send has that
 * vendor's layout; any other gets the plain layout of its length.
 *
 * @throws {KindError} when it is no such pair, the kind is another protocol's,
 *   or no layout has that length
 */
export function parseKind(text: string): KindChoice {
  const quoted = JSON.stringify(text);
  const [kindText = '', lengthText = '', ...rest] = text.split('/');
  if (!DECIMAL.test(kindText) || !DECIMAL.test(lengthText) || rest.length > 0) {
    throw new KindError(`${quoted}: write an option's kind and length in decimal, such as 200/8`);
  }
  const kind = Number(kindText);
  const length = Number(lengthText);
  if (kind > 255) throw new KindError(`${quoted}: a TCP option's kind is at most 255`);

  const known = formatOfLength(KNOWN_RULES[kind]!, length);
  if (known !== Format.NONE) return { kind, length, format: known };

  const owner = STANDARD_KINDS.get(kind);
  if (owner !== undefined) {
    const lengths = knownLengths(kind);
    const except = lengths.length > 0 ? ` except with length ${list(lengths)}` : '';
    throw new KindError(`${quoted}: kind ${kind} is ${owner.name} (${owner.source}), not TOA${except}`);
  }
  const format = formatOfLength(PLAIN_MASK, length);
  if (format === Format.NONE) {
    const lengths = [...new Set([...PLAIN_LENGTHS, ...knownLengths(kind)])].sort((a, b) => a - b);
    throw new KindError(`${quoted}: no TOA of kind ${kind} has length ${length}: it is ${list(lengths)}`);
  }
  return { kind, length, format };
}

/** `200/8`: what {@link parseKind} reads. */
export function formatKind(choice: Pick<KindChoice, 'kind' | 'length'>): string {
  return `${choice.kind}/${choice.length}`;
}
