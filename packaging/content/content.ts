import { createWholeProgram } from '../../src/cli/program.js';
import type { Architecture } from '../architecture.js';
import { describeCommand } from '../commands.js';
import type { Edition } from '../edition.js';
import type { Runtime } from '../runtime.js';
import { type Entry, sorted } from '../tree.js';
import { appEntries, HOME } from './app.js';
import { documentEntries } from './documents.js';
import { runtimeModules } from './modules.js';
import { systemEntries } from './system.js';

/** What is installed, whatever the format of the package. */
export async function packageContent(
  architecture: Architecture,
  edition: Edition,
  runtime: Runtime,
): Promise<Entry[]> {
  const program = describeCommand(await createWholeProgram());
  const modules = await runtimeModules(architecture);
  return sorted([
    { path: `${HOME}/node`, content: { file: runtime.program }, executable: true },
    ...(await appEntries(edition, modules)),
    ...(await systemEntries(program)),
    ...(await documentEntries(program, edition, modules, runtime)),
  ]);
}
