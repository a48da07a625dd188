import type { Command } from 'commander';
import { readTaggerStatuses } from '../tagger/status.js';
import { withCgroup } from './one-tagger.js';
import { printJson } from './print.js';
import { showTaggerStatuses } from './show/tagger-status.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  withCgroup(command, "only this cgroup's tagger (default: all taggers)")
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText('after', '\nExit status: 0 attached and well, 1 none attached, 2 attached with problems.')
    .action(({ cgroup, json }: { cgroup?: string; json?: true }) => {
      const taggers = readTaggerStatuses(cgroup);
      if (json) printJson({ taggers });
      else console.log(showTaggerStatuses(taggers, styleOf(process.stdout)).join('\n'));
      const well = taggers.every(({ problems }) => problems.length === 0);
      process.exitCode = taggers.length === 0 ? 1 : well ? 0 : 2;
    });
}
