import type { Command } from 'commander';
import { classicStats, readStats } from '../receiver/stats.js';
import { type StatsSample, watchStats } from '../receiver/watch.js';
import { untilInterrupted } from './interrupt.js';
import { printAgain, printJson, printJsonLine } from './print.js';
import { showClassic, showStats } from './show/stats.js';
import { styleOf } from './style.js';

interface Flags {
  readonly watch?: true;
  readonly classic?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option('--watch', 'again every second, with rates, until Ctrl-C')
    .option('--classic', 'under the names of /proc/net/toa_stats')
    .option('--json', 'print JSON (docs/json.md); with --watch one document a line')
    .action(stats);
}

async function stats({ watch, classic, json }: Flags): Promise<void> {
  const document = (sample: StatsSample) =>
    classic
      ? classicStats(sample.stats)
      : { ...sample.stats, ...(sample.perSecond && { perSecond: sample.perSecond }) };
  const text = (sample: StatsSample) =>
    (classic ? showClassic(sample.stats) : showStats(sample, styleOf(process.stdout))).join('\n');
  if (!watch) {
    const sample = { stats: readStats() };
    if (json) printJson(document(sample));
    else console.log(text(sample));
    return;
  }
  for await (const sample of watchStats(untilInterrupted())) {
    if (json) printJsonLine(document(sample));
    else printAgain(text(sample));
  }
}
