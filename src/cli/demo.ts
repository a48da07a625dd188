import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { requireDemoPrograms } from '../demo/requirements.js';
import { requireRoot } from '../kernel/privilege.js';
import { runIsolated } from '../lab/isolate.js';

const INSIDE = fileURLToPath(new URL('./demo-inside.js', import.meta.url));

export function define(command: Command): void {
  command
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText(
      'after',
      '\nIt takes a few seconds, touches nothing outside of its namespaces and leaves nothing behind.',
    )
    .action(async ({ json }: { json?: true }) => {
      requireRoot('building network namespaces');
      requireDemoPrograms();
      process.exitCode = await runIsolated([process.execPath, INSIDE, ...(json ? ['--json'] : [])]);
    });
}
