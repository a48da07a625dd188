import type { Command } from 'commander';
import { readForwarderStats } from '../forwarder/read-stats.js';
import { type ForwarderSample, watchForwarderStats } from '../forwarder/watch.js';
import { untilInterrupted } from './interrupt.js';
import { printAgain, printJson, printJsonLine } from './print.js';
import { showForwarderStats } from './show/forwarder-stats.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command
    .option('--watch', 'again every second, with rates, until Ctrl-C')
    .option('--json', 'print JSON (docs/json.md); with --watch one document a line')
    .action(({ watch, json }: { watch?: true; json?: true }) => (watch ? watching(json) : once(json)));
}

function once(json?: true): void {
  const stats = readForwarderStats();
  if (json) printJson(stats);
  else console.log(textOf({ stats }));
}

async function watching(json?: true): Promise<void> {
  for await (const sample of watchForwarderStats(readForwarderStats, untilInterrupted())) {
    const { stats, perSecond } = sample;
    if (json) printJsonLine({ ...stats, ...(perSecond && { perSecond }) });
    else printAgain(textOf(sample));
  }
}

function textOf(sample: ForwarderSample): string {
  return showForwarderStats(sample, styleOf(process.stdout)).join('\n');
}
