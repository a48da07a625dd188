import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KERNELS } from './kernels.js';
import type { KernelResult } from './results.js';

/** A kernel's result in docs/compatibility/, from which the page is made: a run of all kernels takes hours. */
export interface KeptResult extends KernelResult {
  /** The day of the run, `2026-11-29`. */
  readonly day: string;
}

const FOLDER = 'docs/compatibility';

const fileOf = (name: string): string => join(FOLDER, `${name}.json`);

/** Keeps a result that came to its end, in place of its kernel's last one. */
export async function keepResult(result: KernelResult, day: string): Promise<void> {
  if (result.problem !== undefined || result.tests.length === 0) return;
  await mkdir(FOLDER, { recursive: true });
  // Beyond its first line, a failure tells of places on the machine it was on.
  const tests = result.tests.map((test) => ({ ...test, ...(test.why && { why: firstLine(test.why) }) }));
  const kept: KeptResult = { ...result, tests, day };
  await writeFile(fileOf(result.name), `${JSON.stringify(kept, undefined, 1)}\n`);
}

/** What is kept, oldest kernel first. */
export async function keptResults(): Promise<KeptResult[]> {
  const texts = await Promise.all(
    KERNELS.map(({ name }) => readFile(fileOf(name), 'utf8').catch(() => undefined)),
  );
  return texts.filter((text) => text !== undefined).map((text) => JSON.parse(text));
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
