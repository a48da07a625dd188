import type { Command } from 'commander';
import { readStatus } from '../receiver/status.js';
import { printJson } from './print.js';
import { showStatus, statusCode } from './show/status.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText('after', '\nExit status: 0 attached and well, 1 not attached, 2 attached with problems.')
    .action(({ json }: { json?: true }) => {
      const status = readStatus();
      if (json) printJson(status);
      else console.log(showStatus(status, styleOf(process.stdout)).join('\n'));
      process.exitCode = statusCode(status);
    });
}
