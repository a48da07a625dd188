import { ALL_FORMATS, FORMATS, formatBit, formatKind, type ResolvedRules } from '../wire/index.js';

/** The options that are read, as `254/8`, by the segment they are read from. */
export interface Reads {
  readonly completing: readonly string[];
  readonly syn: readonly string[];
}

/** What rules come to, by ascending kind and length. */
export function readsOf({ completing, syn }: Pick<ResolvedRules, 'completing' | 'syn'>): Reads {
  return { completing: kindsIn(completing), syn: kindsIn(syn) };
}

function kindsIn(table: Uint16Array): string[] {
  return [...table].flatMap((mask, kind) =>
    ALL_FORMATS.filter((format) => (mask & formatBit(format)) !== 0)
      .map((format) => FORMATS[format].length)
      .sort((a, b) => a - b)
      .map((length) => formatKind({ kind, length })),
  );
}
