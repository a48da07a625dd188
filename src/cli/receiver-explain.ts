import type { Command } from 'commander';
import { followDecisions, recentRefusals } from '../receiver/explain.js';
import { readStats } from '../receiver/stats.js';
import { untilInterrupted } from './interrupt.js';
import { printJson, printJsonLine } from './print.js';
import { showDecision, showExplanation, showMeaning } from './show/decisions.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command
    .option('--follow', 'every decision from now on, also those that went well, until Ctrl-C')
    .option('--json', 'print JSON (docs/json.md); with --follow one document a line')
    .action(({ follow, json }: { follow?: true; json?: true }) => (follow ? following(json) : recent(json)));
}

function recent(json?: true): void {
  const refusals = recentRefusals();
  const stats = readStats();
  if (json) printJson({ refusals, established: stats.established, outcomes: stats.outcomes });
  else console.log(showExplanation(refusals, stats, styleOf(process.stdout)).join('\n'));
}

async function following(json?: true): Promise<void> {
  const style = styleOf(process.stdout);
  const explained = new Set<string>();
  const missed = (count: number) => console.error(`truepeer: ${count} more came too fast to be shown`);
  for await (const decision of followDecisions(untilInterrupted(), missed)) {
    if (json) {
      printJsonLine(decision);
      continue;
    }
    const first = !explained.has(decision.outcome);
    explained.add(decision.outcome);
    console.log(
      [...showDecision(decision, style), ...(first ? showMeaning(decision.outcome, style) : [])].join('\n'),
    );
  }
}
