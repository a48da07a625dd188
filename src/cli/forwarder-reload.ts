import type { Command } from 'commander';
import { ask } from '../forwarder/control-client.js';

export function define(command: Command): void {
  command
    .addHelpText(
      'after',
      '\nThe daemon reads its configuration again. With any mistake in it nothing changes; connections go on in any case.',
    )
    .action(async () => {
      const { changes } = await ask({ command: 'reload' });
      console.log((changes.length === 0 ? ['reloaded: nothing is different'] : changes).join('\n'));
    });
}
