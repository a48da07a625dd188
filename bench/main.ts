import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printJson } from '../src/cli/print.js';
import { styleOf } from '../src/cli/style.js';
import { chart, forwarderChart } from './chart.js';
import { document } from './document.js';
import { measure, PARTS, type Part } from './measure.js';
import { FULL, QUICK } from './scale.js';
import { showReport } from './show.js';

const USAGE = `usage: npm run bench [-- receiver | tagger | forwarder] [--json] [--quick | --write]
  receiver, tagger, forwarder  only what this one costs; all unless given
  --json                       print every sample
  --quick                      tries the benchmark itself: seconds, and figures that say little
  --write                      keep the figures of all in docs/`;

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

interface Flags {
  readonly parts: readonly Part[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly write: boolean;
}

function flagsOf(args: readonly string[]): Flags | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const options = { json: flag, quick: flag, write: flag };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const every = Object.keys(PARTS) as Part[];
    const parts = every.filter((part) => positionals.length === 0 || positionals.includes(part));
    const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
    if (unknown !== undefined)
      throw new Error(`nothing called "${unknown}" can be measured: ${every.join(' or ')}`);
    if (values.write && parts.length < every.length) throw new Error('--write keeps the figures of all');
    if (values.quick && values.write)
      throw new Error('--write keeps figures, and those of --quick say little');
    return { parts, ...values };
  } catch (error) {
    console.error(`truepeer: ${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

async function bench({ parts, json, quick, write }: Flags): Promise<void> {
  const say = (what: string) => console.error(`truepeer: measuring ${what}`);
  const report = await measure(parts, quick ? QUICK : FULL, say);
  if (json) printJson(report);
  else console.log(showReport(report, styleOf(process.stdout)).join('\n'));
  if (!write) return;
  mkdirSync(`${DOCS}bench`, { recursive: true });
  writeFileSync(`${DOCS}bench/receiver.svg`, chart(report.figures));
  writeFileSync(`${DOCS}bench/forwarder.svg`, forwarderChart(report.figures));
  writeFileSync(`${DOCS}benchmarks.md`, document(report));
}

const flags = flagsOf(process.argv.slice(2));
if (flags === undefined) process.exitCode = 2;
else await bench(flags);
