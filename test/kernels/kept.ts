import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KERNELS } from './kernels.js';
import type { KernelResult, TestResult } from './results.js';

/** A test that ran on that day, `2026-11-29`; how long it took says nothing, on an emulated processor. */
export interface KeptTest extends Omit<TestResult, 'ms'> {
  readonly day: string;
}

/** A kernel's results in docs/compatibility/, from which the page is made: a run of all kernels takes hours. */
export interface KeptResult extends Pick<KernelResult, 'name' | 'release' | 'features' | 'less'> {
  readonly tests: readonly KeptTest[];
}

const FOLDER = 'docs/compatibility';

const fileOf = (name: string): string => join(FOLDER, `${name}.json`);

/** Keeps a result that came to its end. Synchronous, because another part of the same kernel may end meanwhile. */
export function keepResult(result: KernelResult, day: string): void {
  if (result.problem !== undefined || result.tests.length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  const kept = keptWith(keptOf(result.name), result, day);
  writeFileSync(fileOf(result.name), `${JSON.stringify(kept, undefined, 1)}\n`);
}

/** What is kept once a run is through: its suites in place of the same ones before, of the same build of the kernel. */
export function keptWith(before: KeptResult | undefined, result: KernelResult, day: string): KeptResult {
  const { name, release, features, tests, less } = result;
  const suites = new Set(tests.map(({ suite }) => suite));
  const same = before?.release === release ? before : undefined;
  // In an order that a run of some suites leaves as it is.
  const merged = <Of extends { readonly suite: string }>(
    old: readonly Of[] = [],
    now: readonly Of[],
  ): readonly Of[] =>
    [...old.filter(({ suite }) => !suites.has(suite)), ...now].sort((one, other) =>
      compare(one.suite, other.suite),
    );
  return {
    name,
    ...(release !== undefined && { release }),
    features,
    tests: merged(
      same?.tests,
      // Beyond its first line, a failure tells of places on the machine it was on.
      tests.map(({ ms: _, ...test }) => ({ ...test, ...(test.why && { why: firstLine(test.why) }), day })),
    ),
    less: merged(same?.less, less),
  };
}

function compare(one: string, other: string): number {
  return Number(one > other) - Number(one < other);
}

/** What is kept, oldest kernel first. */
export function keptResults(): KeptResult[] {
  return KERNELS.flatMap(({ name }) => keptOf(name) ?? []);
}

function keptOf(name: string): KeptResult | undefined {
  return existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), 'utf8')) : undefined;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
