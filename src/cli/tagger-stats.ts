import type { Command } from 'commander';
import { readTaggerStats } from '../tagger/stats.js';
import { cgroupMeant, withCgroup } from './one-tagger.js';
import { printJson } from './print.js';
import { showTaggerStats } from './show/tagger-stats.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  withCgroup(command)
    .option('--json', 'print JSON (docs/json.md)')
    .action(({ cgroup, json }: { cgroup?: string; json?: true }) => {
      const stats = readTaggerStats(cgroupMeant(cgroup));
      if (json) printJson(stats);
      else console.log(showTaggerStats(stats, styleOf(process.stdout)).join('\n'));
    });
}
