import type { Command } from 'commander';
import { type CheckedForwarder, checkForwarderFile, requireNoErrors } from '../config/check-forwarder.js';
import { DEFAULT_CONFIG } from '../config/config.js';
import { ConfigError } from '../config/errors.js';
import { memoryFor } from '../forwarder/sizes.js';
import { printJson } from './print.js';
import { showForwarderCheck } from './show/forwarder-check.js';

export function define(command: Command): void {
  command
    .argument('[file]', 'the configuration', DEFAULT_CONFIG)
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText(
      'after',
      '\nLooks at the section forwarder, and at the interfaces, addresses and routes of this host; changes nothing.' +
        '\nExit status: 0 when `forwarder run` and `forwarder reload` would go by it, else 1.',
    )
    .action(async (file: string, { json }: { json?: true }) => {
      if (json) return checkInJson(file);
      const checked = await checkForwarderFile(file);
      requireNoErrors(file, checked);
      console.log(showForwarderCheck(file, checked).join('\n'));
    });
}

async function checkInJson(file: string): Promise<void> {
  const { settings, problems } = await checkOrProblems(file);
  const ok = problems.every(({ severity }) => severity === 'warning');
  printJson({
    file,
    ok,
    problems,
    ...(settings && {
      services: settings.services.length,
      backends: settings.services.reduce((sum, { backends }) => sum + backends.length, 0),
      capacity: settings.capacity,
      memory: memoryFor(settings.capacity),
    }),
  });
  process.exitCode = ok ? 0 : 1;
}

/** A file that cannot be understood has problems, too. */
async function checkOrProblems(
  file: string,
): Promise<Pick<CheckedForwarder, 'problems'> & Partial<CheckedForwarder>> {
  try {
    return await checkForwarderFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems.map((problem) => ({ ...problem, severity: 'error' })) };
  }
}
