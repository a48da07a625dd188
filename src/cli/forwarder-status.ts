import type { Command } from 'commander';
import { askHealth } from '../forwarder/control-client.js';
import { readForwarderStatus } from '../forwarder/status.js';
import { printJson } from './print.js';
import { forwarderStatusCode, showForwarderStatus } from './show/forwarder-status.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText('after', '\nExit status: 0 attached and well, 1 not attached, 2 attached with problems.')
    .action(async ({ json }: { json?: true }) => {
      const status = await readForwarderStatus(await askHealth());
      if (json) printJson(status);
      else console.log(showForwarderStatus(status, styleOf(process.stdout)).join('\n'));
      process.exitCode = forwarderStatusCode(status);
    });
}
