import type { Command } from 'commander';
import { diagnose } from '../doctor/diagnose.js';
import { printJson } from './print.js';
import { showDiagnosis } from './show/diagnosis.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText(
      'after',
      '\nExit status: 0 when a receiver and a tagger can be attached, else 1. As root it sees more.',
    )
    .action(({ json }: { json?: true }) => {
      const diagnosis = diagnose();
      if (json) printJson(diagnosis);
      else console.log(showDiagnosis(diagnosis, styleOf(process.stdout)).join('\n'));
      process.exitCode = diagnosis.ok ? 0 : 1;
    });
}
