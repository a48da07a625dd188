import type { Command } from 'commander';
import { listConnections } from '../receiver/connections.js';
import { printJson } from './print.js';
import { showConnections } from './show/connections.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command.option('--json', 'print JSON (docs/json.md)').action(({ json }: { json?: true }) => {
    const connections = listConnections();
    if (json) printJson({ connections });
    else console.log(showConnections(connections, styleOf(process.stdout)).join('\n'));
  });
}
