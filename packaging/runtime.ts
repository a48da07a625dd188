import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/lab/run.js';
import type { Architecture } from './architecture.js';
import { fetchPackage } from './fetch.js';

/** A Node.js to put into a package. */
export interface Runtime {
  readonly version: string;
  /** Its program, without what only debuggers read. */
  readonly program: string;
  /** Its licence, and those of all that is in it. */
  readonly licence: string;
}

/** The official program of the version that packaging/runtime.json pins, for this architecture. */
export async function fetchRuntime({ node }: Architecture): Promise<Runtime> {
  const { version, packages } = JSON.parse(readFileSync('packaging/runtime.json', 'utf8'));
  const folder = await fetchPackage({ version, ...packages[node] });
  const program = join(folder, 'node.stripped');
  if (!existsSync(program)) {
    await strip(join(folder, 'bin/node'), `${program}.new`);
    await rename(`${program}.new`, program);
  }
  return { version, program, licence: join(folder, 'LICENSE') };
}

/** For any architecture, which GNU strip is not. */
export async function strip(from: string, to: string): Promise<void> {
  await run(['llvm-strip', '--strip-all', '-o', to, from]);
}
