import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Choice, ChoiceError, choiceOf } from './choice.js';
import { KernelUnavailableError } from './errors.js';
import { type FetchedKernel, fetchKernel } from './fetch.js';
import { KERNELS, type Kernel } from './kernels.js';
import { isGood, type KernelResult } from './results.js';
import { runSuites } from './run.js';
import { compatibilityPage } from './table.js';

/*
 * node dist/test/kernels/main.js [--kernel NAME]... [--write] [PATTERN...]
 *
 * Boots stock Debian kernels in virtual machines and runs the end-to-end tests there; with patterns only the suites
 * whose name contains one of them. --write keeps the result in docs/compatibility.md.
 */

/** Where kernels are kept from run to run. */
const CACHE = resolve('dist/kernels');

/** Suites that prove too little about a kernel for the time they would take in emulation. */
const LEFT: Readonly<Record<string, string>> = {
  cli: 'a hundred commands; what they say does not depend on the kernel',
  'cli-reading': 'as cli',
  demo: 'the chain of servers-nginx once more',
  'lifecycle-concurrent': 'as lifecycle-kill',
  'lifecycle-kill': 'starts the control plane over and over, at half a minute each',
  'lifecycle-load': 'about races under load',
  malformed: 'the parser is the same code on every kernel',
  scale: '100,000 connections',
  'servers-go': 'compiles its server',
  'servers-java': 'compiles its server',
  'tagger-cli': 'as cli',
  'tagger-detach': 'about races under load',
  'tagger-distinct': 'thousands of connections',
  'tagger-lifecycle': 'about races under load',
  'tagger-ports': 'thousands of connections',
  'trust-change': 'about races under load',
  walk: 'millions of headers; the parser is the same code on every kernel',
};

async function fetched(kernel: Kernel): Promise<FetchedKernel | KernelResult> {
  try {
    return await fetchKernel(kernel, join(CACHE, kernel.name));
  } catch (error) {
    if (!(error instanceof KernelUnavailableError)) throw error;
    return { name: kernel.name, problem: error.message, features: [], tests: [], seconds: 0 };
  }
}

async function runOn(kernel: Kernel, suites: readonly string[]): Promise<KernelResult> {
  const say = (text: string): void => console.log(`${kernel.name.padEnd(6)} ${text}`);
  const ready = await fetched(kernel);
  if ('features' in ready) {
    say(`SKIPPED: the kernel could not be had: ${ready.problem}`);
    return ready;
  }
  say(`booting ${ready.release}`);
  const result = await runSuites(
    ready,
    suites,
    ({ state, suite, name, why, ms }) =>
      say(`${state.padEnd(7)} ${suite}: ${name}${why === undefined ? '' : ` — ${why}`} (${ms} ms)`),
    (line) => say(`        ${line}`),
  );
  const count = (state: string): number => result.tests.filter((test) => test.state === state).length;
  say(
    `${count('passed')} passed, ${count('skipped')} skipped, ${count('failed')} failed, ${result.seconds} s`,
  );
  if (result.problem !== undefined) say(`FAILED: ${result.problem}`);
  return result;
}

async function main({ kernels, suites, write }: Choice): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const results: KernelResult[] = [];
  const waiting = [...kernels];
  // Two guests, a processor each, beat one with two.
  const lanes = Array.from({ length: 2 }, async () => {
    for (let kernel = waiting.shift(); kernel !== undefined; kernel = waiting.shift())
      results.push(await runOn(kernel, suites));
  });
  await Promise.all(lanes);
  if (write) {
    const order = KERNELS.map(({ name }) => name);
    results.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    await writeFile('docs/compatibility.md', compatibilityPage(results, LEFT));
  }
  process.exitCode = results.every(isGood) ? 0 : 1;
}

try {
  const all = readdirSync('test').flatMap((file) => /^(.*)\.e2e\.ts$/.exec(file)?.[1] ?? []);
  await main(choiceOf(process.argv.slice(2), all, LEFT));
} catch (error) {
  if (!(error instanceof ChoiceError)) throw error;
  console.error(`truepeer: ${error.message}`);
  process.exitCode = 2;
}
