import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Choice, ChoiceError, choiceOf } from './choice.js';
import { type FetchedKernel, fetchKernel } from './fetch.js';
import { keepResult, keptResults } from './kept.js';
import type { Kernel } from './kernels.js';
import { isGood, type KernelResult } from './results.js';
import { runSuites } from './run.js';
import { LEFT } from './suites.js';
import { compatibilityPage } from './table.js';

/*
 * node dist/test/kernels/main.js [--kernel NAME]... [--write] [PATTERN...] | --ci
 *
 * Boots stock Debian kernels in virtual machines and runs the end-to-end tests there; with patterns only the suites
 * whose name contains one of them. --write keeps the results in docs/compatibility/ and makes docs/compatibility.md of
 * what is there; --ci is short.
 */

/** Where kernels are kept from run to run. */
const CACHE = resolve('dist/kernels');

type Say = (text: string) => void;

/** Whatever goes wrong on one kernel, the others go on. */
async function resultOn(kernel: Kernel, suites: readonly string[]): Promise<KernelResult> {
  const began = performance.now();
  const say: Say = (text) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${kernel.name.padEnd(6)} ${`${seconds}`.padStart(5)} s  ${text}`);
  };
  const nothing = { name: kernel.name, features: [], tests: [], less: [], seconds: 0 };
  let ready: FetchedKernel;
  try {
    ready = await fetchKernel(kernel, join(CACHE, kernel.name));
  } catch (error) {
    const unavailable = (error as Error).message;
    say(`SKIPPED: the kernel could not be had: ${unavailable}`);
    return { ...nothing, unavailable };
  }
  try {
    const result = await runOn(ready, suites, say);
    if (result.unavailable !== undefined)
      say(`SKIPPED: the kernel could not be booted: ${result.unavailable}`);
    if (result.problem !== undefined) say(`FAILED: ${result.problem}`);
    return result;
  } catch (error) {
    say(`FAILED: ${(error as Error).stack}`);
    return { ...nothing, release: ready.release, problem: (error as Error).message };
  }
}

async function runOn(kernel: FetchedKernel, suites: readonly string[], say: Say): Promise<KernelResult> {
  say(`booting ${kernel.release}`);
  const result = await runSuites(kernel, suites, {
    suite: (name) => say(`        ${name} (${1 + suites.indexOf(name)} of ${suites.length})`),
    test: ({ state, suite, name, why, ms }) =>
      say(`${state.padEnd(7)} ${suite}: ${name}${why === undefined ? '' : ` — ${why}`} (${ms} ms)`),
    other: (line) => say(`        ${line}`),
  });
  const count = (state: string): number => result.tests.filter((test) => test.state === state).length;
  say(
    `${count('passed')} passed, ${count('skipped')} skipped, ${count('failed')} failed, ${result.seconds} s`,
  );
  return result;
}

async function main({ kernels, suites, write }: Choice): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const results: KernelResult[] = [];
  // The oldest, which lacks most, comes last: so both lanes end at about the same time.
  const waiting = kernels.toReversed();
  // Two guests, a processor each, beat one with two.
  const lanes = Array.from({ length: 2 }, async () => {
    for (let kernel = waiting.shift(); kernel !== undefined; kernel = waiting.shift()) {
      const result = await resultOn(kernel, suites);
      results.push(result);
      if (write) await keepResult(result, new Date().toISOString().slice(0, 10));
    }
  });
  await Promise.all(lanes);
  if (write) await writeFile('docs/compatibility.md', compatibilityPage(await keptResults(), LEFT));
  process.exitCode = results.every(isGood) ? 0 : 1;
}

try {
  const all = readdirSync('test').flatMap((file) => /^(.*)\.e2e\.ts$/.exec(file)?.[1] ?? []);
  await main(choiceOf(process.argv.slice(2), all));
} catch (error) {
  if (!(error instanceof ChoiceError)) throw error;
  console.error(`truepeer: ${error.message}`);
  process.exitCode = 2;
}
