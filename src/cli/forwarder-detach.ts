import type { Command } from 'commander';
import { detachForwarder } from '../forwarder/detach.js';
import { printJson } from './print.js';

export function define(command: Command): void {
  command
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText(
      'after',
      '\nConnections through the forwarder end: nothing forwards their packets any more. To let them end by themselves,' +
        '\ndrain their backends first (`truepeer forwarder drain`).',
    )
    .action(async ({ json }: { json?: true }) => {
      const detached = await detachForwarder();
      if (json) return printJson({ detached });
      console.log(
        detached
          ? 'detached: what arrives for the services is left to the host again'
          : 'nothing to detach: no forwarder is attached',
      );
    });
}
