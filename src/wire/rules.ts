import { FORMATS, Format, formatBit, formatOfLength, type SomeFormat } from './formats.js';

/** What each kind may carry: one mask of format bits per kind, 256 of them (`toa_rules` in bpf/toa.h). */
export type RuleTable = Uint16Array;

/** One kind to be read as one format, and who asks for that (a profile's name, `--kind 200/8`). */
export interface RuleEntry {
  readonly kind: number;
  readonly format: SomeFormat;
  readonly by: string;
}

/** Two wishes that cannot both be met. The message names both sides and the reason. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

function opponent(entries: readonly RuleEntry[], kind: number, format: Format): string {
  return entries.find((entry) => entry.kind === kind && entry.format === format)?.by ?? '';
}

/**
 * The rules table for these entries.
 *
 * @throws {ConflictError} when one kind and length would mean two formats
 */
export function ruleTable(entries: readonly RuleEntry[]): RuleTable {
  const table = new Uint16Array(256);
  for (const { kind, format, by } of entries) {
    const { name, length } = FORMATS[format];
    const other = formatOfLength(table[kind]!, length);
    if (other !== Format.NONE && other !== format) {
      throw new ConflictError(
        `${kind}/${length} is ${FORMATS[other].name} to ${opponent(entries, kind, other)} and ${name} to ${by}: choose one`,
      );
    }
    table[kind]! |= formatBit(format);
  }
  return table;
}
