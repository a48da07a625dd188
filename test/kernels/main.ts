import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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

/** Half of the suites on a kernel: of two lanes, none is left with a whole kernel while the other has nothing to do. */
interface Part {
  readonly kernel: FetchedKernel;
  readonly suites: readonly string[];
}

function sayOf({ name }: { readonly name: string }): Say {
  const began = performance.now();
  return (text) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${name.padEnd(6)} ${`${seconds}`.padStart(5)} s  ${text}`);
  };
}

/** None where the kernel cannot be had: that proves nothing, and breaks nothing. */
async function partsOf(kernel: Kernel, suites: readonly string[]): Promise<readonly Part[]> {
  try {
    const ready = await fetchKernel(kernel, join(CACHE, kernel.name));
    return [0, 1]
      .map((half) => suites.filter((_, at) => at % 2 === half))
      .filter((some) => some.length > 0)
      .map((some) => ({ kernel: ready, suites: some }));
  } catch (error) {
    sayOf(kernel)(`SKIPPED: the kernel could not be had: ${(error as Error).message}`);
    return [];
  }
}

/** Whatever goes wrong in one part, the others go on. */
async function resultOf(part: Part): Promise<KernelResult> {
  const { kernel } = part;
  const say = sayOf(kernel);
  try {
    const result = await run(part, say);
    if (result.unavailable !== undefined)
      say(`SKIPPED: the kernel could not be booted: ${result.unavailable}`);
    if (result.problem !== undefined) say(`FAILED: ${result.problem}`);
    return result;
  } catch (error) {
    say(`FAILED: ${(error as Error).stack}`);
    const problem = (error as Error).message;
    return {
      name: kernel.name,
      release: kernel.release,
      features: [],
      tests: [],
      less: [],
      seconds: 0,
      problem,
    };
  }
}

async function run({ kernel, suites }: Part, say: Say): Promise<KernelResult> {
  say(`booting ${kernel.release} for ${suites.length} suites`);
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
  mkdirSync(CACHE, { recursive: true });
  // The oldest, which lacks most and is through soon, comes last.
  const waiting: Part[] = [];
  for (const kernel of kernels.toReversed()) waiting.push(...(await partsOf(kernel, suites)));
  let isGoodSoFar = true;
  // Two guests, a processor each, beat one with two.
  const lanes = Array.from({ length: 2 }, async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const result = await resultOf(part);
      if (!isGood(result)) isGoodSoFar = false;
      if (write) keepResult(result, new Date().toISOString().slice(0, 10));
    }
  });
  await Promise.all(lanes);
  if (write) writeFileSync('docs/compatibility.md', compatibilityPage(keptResults(), LEFT));
  process.exitCode = isGoodSoFar ? 0 : 1;
}

try {
  const all = readdirSync('test').flatMap((file) => /^(.*)\.e2e\.ts$/.exec(file)?.[1] ?? []);
  await main(choiceOf(process.argv.slice(2), all));
} catch (error) {
  if (!(error instanceof ChoiceError)) throw error;
  console.error(`truepeer: ${error.message}`);
  process.exitCode = 2;
}
