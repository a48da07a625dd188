import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { run } from '../../src/lab/run.js';
import { archiveOf, SYSTEMS, type System } from './systems.js';

/*
 * node dist/test/packages/prepare.js
 *
 * All that needs the network: clean systems, the runtime of the packages, which are built.
 */

const NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

async function prepareRoot(system: System): Promise<void> {
  const archive = archiveOf(system);
  if (existsSync(archive)) return;
  console.log(`truepeer: preparing a clean ${system.name}`);
  await mkdir('dist/systems', { recursive: true });
  const script = ['sh', 'test/packages/prepare-root.sh', system.suite, await mirror(), archive];
  await run([...NAMESPACES, ...script, ...system.fetched], { timeoutMs: 900_000 });
}

/** Where this machine gets Debian from. */
async function mirror(): Promise<string> {
  const { stdout } = await run(['apt-get', 'indextargets', '--format', '$(LABEL) $(REPO_URI)']);
  const line = stdout.split('\n').find((line) => line.startsWith('Debian '));
  if (line === undefined) throw new Error('apt here has no source of Debian');
  return line.slice('Debian '.length);
}

for (const system of SYSTEMS) await prepareRoot(system);
await import('./build.js');
