import type { Command } from 'commander';
import { printJson } from './print.js';
import { profileRows, showProfiles } from './show/profiles.js';
import { styleOf } from './style.js';

export function define(command: Command): void {
  command.option('--json', 'print JSON (docs/json.md)').action(({ json }: { json?: true }) => {
    const profiles = profileRows();
    if (json) printJson({ profiles });
    else console.log(showProfiles(profiles, styleOf(process.stdout)).join('\n'));
  });
}
