import type { Command } from 'commander';
import { ask } from '../forwarder/control-client.js';
import { connectionsLeft } from '../forwarder/drained.js';
import { untilInterrupted } from './interrupt.js';
import { formatCounted } from './units.js';

export function define(command: Command): void {
  command
    .argument('<service>', 'its name')
    .argument('<backend>', 'its address and port: 10.0.1.11:8443')
    .option('--no-wait', 'do not wait for its connections to end')
    .addHelpText(
      'after',
      '\nThe backend gets no new connections; those it has go on. It stays so, also when the daemon starts anew, until' +
        '\n`truepeer forwarder undrain`. Ctrl-C ends the waiting, not the draining.',
    )
    .action(drain);
}

async function drain(service: string, backend: string, { wait }: { wait: boolean }): Promise<void> {
  const name = { service, backend };
  const { already } = await ask({ command: 'drain', ...name });
  console.log(`${backend} of ${service} ${already ? 'is drained already' : 'gets no new connections'}`);
  if (!wait) return;
  const signal = untilInterrupted();
  let left = 0;
  for await (left of connectionsLeft(name, signal)) console.log(`${formatCounted(left, 'connection')} left`);
  if (left > 0) process.exitCode = 1;
}
