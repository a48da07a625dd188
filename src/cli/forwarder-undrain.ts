import type { Command } from 'commander';
import { ask } from '../forwarder/control-client.js';

export function define(command: Command): void {
  command
    .argument('<service>', 'its name')
    .argument('<backend>', 'its address and port: 10.0.1.11:8443')
    .action(async (service: string, backend: string) => {
      const { already } = await ask({ command: 'undrain', service, backend });
      console.log(`${backend} of ${service} ${already ? 'was not drained' : 'gets new connections again'}`);
    });
}
