import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupRoot } from '../kernel/cgroup.js';

const PREFIX = 'truepeer-probe-';

/** A cgroup for one probe, gone when disposed of; those of probes that were killed go with the next one. */
export function makePrivateCgroup(): Disposable & { readonly path: string } {
  const root = cgroupRoot();
  for (const name of readdirSync(root)) if (name.startsWith(PREFIX)) removeIfEmpty(join(root, name));
  const path = join(root, `${PREFIX}${process.pid}`);
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => removeIfEmpty(path) };
}

/** The kernel refuses to remove a cgroup with a process in it: a probe that is still running keeps its own. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'ENOENT') throw error;
  }
}
