import type { Command } from 'commander';
import { detachReceiver } from '../receiver/detach.js';

export function define(command: Command): void {
  command.action(() => {
    console.log(
      detachReceiver()
        ? 'detached: getpeername() says the forwarder again, for every connection'
        : 'nothing to detach: no receiver is attached',
    );
  });
}
