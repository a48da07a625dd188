import { readdir } from 'node:fs/promises';
import type { CommandEntry } from '../commands.js';
import { bashCompletion } from '../completions/bash.js';
import { fishCompletion } from '../completions/fish.js';
import { zshCompletion } from '../completions/zsh.js';
import type { Entry } from '../tree.js';

const UNITS = 'packaging/systemd';

/** The systemd units that the package has. */
export async function unitNames(): Promise<string[]> {
  return (await readdir(UNITS)).filter((file) => file.endsWith('.service')).sort();
}

/** What other programs of the system look for: units, settings, completions, the header for programs in C. */
export async function systemEntries(program: CommandEntry): Promise<Entry[]> {
  const units = await unitNames();
  return [
    { path: '/etc/truepeer/truepeer.yaml', content: { file: 'packaging/truepeer.yaml' }, settings: true },
    { path: '/usr/include/truepeer.h', content: { file: 'include/truepeer.h' } },
    ...units.map((unit) => ({
      path: `/usr/lib/systemd/system/${unit}`,
      content: { file: `${UNITS}/${unit}` },
    })),
    { path: '/usr/share/bash-completion/completions/truepeer', content: bashCompletion(program) },
    { path: '/usr/share/fish/vendor_completions.d/truepeer.fish', content: fishCompletion(program) },
    { path: '/usr/share/zsh/vendor-completions/_truepeer', content: zshCompletion(program) },
  ];
}
