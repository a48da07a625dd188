import { readFileSync } from 'node:fs';
import type { FormatName, Segment, VerdictName } from '../../src/wire/index.js';

/** An option block, and what every walk over it must find. */
export interface Case {
  readonly name: string;
  /** In hexadecimal. */
  readonly options: string;
  /** Whether the segment is a SYN. */
  readonly syn: boolean;
  /** Which rules the block is read by. */
  readonly on: Segment;
  readonly profiles: readonly string[];
  readonly kinds?: readonly string[];
  readonly expect: {
    readonly verdict: VerdictName;
    readonly format: FormatName;
    readonly at: number;
    readonly vipAt: number;
  };
}

/** The option blocks worth keeping: every rule, and what once went wrong. */
export function readCorpus(): Case[] {
  return JSON.parse(readFileSync(new URL('../../../test/corpus/options.json', import.meta.url), 'utf8'));
}
