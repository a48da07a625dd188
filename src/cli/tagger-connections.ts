import type { Command } from 'commander';
import { listTaggedConnections } from '../tagger/connections.js';
import { cgroupMeant, withCgroup } from './one-tagger.js';
import { printJson } from './print.js';
import { showTaggedConnections } from './show/tagger-connections.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  withCgroup(command)
    .option('--json', 'print JSON (docs/json.md)')
    .action(({ cgroup, json }: { cgroup?: string; json?: true }) => {
      const connections = listTaggedConnections(cgroupMeant(cgroup));
      if (json) printJson({ connections });
      else console.log(showTaggedConnections(connections, styleOf(process.stdout)).join('\n'));
    });
}
