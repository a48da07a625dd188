import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printJson } from '../src/cli/print.js';
import { styleOf } from '../src/cli/style.js';
import { chart } from './chart.js';
import { document } from './document.js';
import { measure } from './measure.js';
import { FULL, QUICK } from './scale.js';
import { showReport } from './show.js';

const USAGE = `usage: npm run bench [-- --json] [--quick | --write]
  --json   print every sample
  --quick  tries the benchmark itself: a few seconds, and figures that say little
  --write  keep the figures in docs/`;

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

interface Flags {
  readonly json: boolean;
  readonly quick: boolean;
  readonly write: boolean;
}

function flagsOf(args: readonly string[]): Flags | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { json: flag, quick: flag, write: flag } });
    if (values.quick && values.write)
      throw new Error('--write keeps figures, and those of --quick say little');
    return values;
  } catch (error) {
    console.error(`truepeer: ${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

async function bench({ json, quick, write }: Flags): Promise<void> {
  const report = await measure(quick ? QUICK : FULL, (what) => console.error(`truepeer: measuring ${what}`));
  if (json) printJson(report);
  else console.log(showReport(report, styleOf(process.stdout)).join('\n'));
  if (!write) return;
  mkdirSync(`${DOCS}bench`, { recursive: true });
  writeFileSync(`${DOCS}bench/receiver.svg`, chart(report.figures));
  writeFileSync(`${DOCS}benchmarks.md`, document(report));
}

const flags = flagsOf(process.argv.slice(2));
if (flags === undefined) process.exitCode = 2;
else await bench(flags);
