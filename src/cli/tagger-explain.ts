import type { Command } from 'commander';
import { followTagDecisions, recentUntagged } from '../tagger/explain.js';
import { readTaggerStats } from '../tagger/stats.js';
import { untilInterrupted } from './interrupt.js';
import { cgroupMeant, withCgroup } from './one-tagger.js';
import { printJson, printJsonLine } from './print.js';
import { showTagDecision, showTagExplanation } from './show/tagger-decisions.js';
import { styleOf } from './style.js';

interface Flags {
  readonly cgroup?: string;
  readonly follow?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  withCgroup(command)
    .option('--follow', 'every decision from now on, also those that went well, until Ctrl-C')
    .option('--json', 'print JSON (docs/json.md); with --follow one document a line')
    .action(explain);
}

async function explain({ cgroup, follow, json }: Flags): Promise<void> {
  const meant = cgroupMeant(cgroup);
  const style = styleOf(process.stdout);
  if (!follow) {
    const untagged = recentUntagged(meant);
    const stats = readTaggerStats(meant);
    if (json) printJson({ untagged, opened: stats.opened, outcomes: stats.outcomes });
    else console.log(showTagExplanation(untagged, stats, style).join('\n'));
    return;
  }
  const missed = (count: number) => console.error(`truepeer: ${count} more came too fast to be shown`);
  for await (const decision of followTagDecisions(meant, untilInterrupted(), missed)) {
    if (json) printJsonLine(decision);
    else console.log(showTagDecision(decision, style));
  }
}
