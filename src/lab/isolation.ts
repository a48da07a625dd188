import { readFileSync, readlinkSync } from 'node:fs';
import { mounts } from '../kernel/mounts.js';
import { IsolationError } from './errors.js';

/**
 * A private tmpfs lies here inside an isolation and holds everything the laboratory writes: it vanishes
 * with the mount namespace, however that ends. `/dev/shm` because it exists on every Linux, so that no
 * mount point has to be made (and could be left), and because shared memory should be private as well.
 */
export const SCRATCH = '/dev/shm';

/** `TMPDIR` of everything that runs isolated. */
export const SCRATCH_TMP = `${SCRATCH}/tmp`;

/** The word in mountinfo by which our tmpfs is told from the host's. */
export const SCRATCH_SOURCE = 'truepeer-lab';

/** Two lines: the scratch cgroup's path, and the network namespace (`net:[4026532281]`). */
export const MARKER = `${SCRATCH}/isolation`;

/** What `runIsolated` prepared for the processes it runs. */
export interface Isolation {
  /** Absolute path of the scratch cgroup; it is the parent of all cgroups the laboratory makes. */
  readonly cgroup: string;
}

/**
 * The isolation this process lives in.
 *
 * @throws {IsolationError} when it lives on the host, or left the isolated network namespace.
 */
export function currentIsolation(): Isolation {
  const scratch = mounts().findLast(({ point }) => point === SCRATCH);
  if (scratch?.source !== SCRATCH_SOURCE || scratch.shared) {
    throw new IsolationError(
      'refusing to build network namespaces on the host: run the command through ' +
        'runIsolated(), or `node dist/src/lab/isolated-main.js COMMAND...`',
    );
  }
  const [cgroup = '', network] = readFileSync(MARKER, 'utf8').split('\n');
  const here = readlinkSync('/proc/self/ns/net');
  if (here !== network) {
    throw new IsolationError(`this process is in ${here}, not in the isolated network namespace ${network}`);
  }
  return { cgroup };
}
