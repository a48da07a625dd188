import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mounts } from '../kernel/mounts.js';
import { buildHosts } from './build.js';
import { killAndRemoveCgroup, makeCgroup } from './cgroup.js';
import { CleanupError, LabSpecError } from './errors.js';
import { Host } from './host.js';
import { currentIsolation, SCRATCH } from './isolation.js';
import { run } from './run.js';
import { checkSpec, type LabSpec } from './spec.js';

/**
 * Builds hosts and the links between them: `await using lab = await createLab({ hosts: { a: {}, b: {} } })`.
 *
 * @throws {LabSpecError} for a description that cannot be built.
 * @throws {IsolationError} outside `runIsolated()`: nothing is ever built on the host itself.
 * @throws {CommandError} when a tool refuses; what was built until then is gone again.
 */
export async function createLab(spec: LabSpec): Promise<Lab> {
  checkSpec(spec);
  const isolation = currentIsolation();
  const dir = await mkdtemp(join(SCRATCH, 'lab-'));
  const lab = new Lab(makeCgroup(isolation.cgroup, basename(dir)), dir, Object.keys(spec.hosts));
  try {
    // Servers that give up root must get to their host's directory.
    await chmod(dir, 0o755);
    await buildHosts(spec, (name) => lab.host(name));
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
  return lab;
}

/** Hosts that exist until the laboratory is disposed of, or the isolation around it ends. */
export class Lab implements AsyncDisposable {
  /** Parent of the hosts' cgroups, absolute path. */
  readonly cgroup: string;
  /** Parent of the hosts' directories. */
  readonly dir: string;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor(cgroup: string, dir: string, names: readonly string[]) {
    this.cgroup = cgroup;
    this.dir = dir;
    this.#hosts = new Map(names.map((name) => [name, new Host(name, this)]));
  }

  /** @throws {LabSpecError} when there is no such host. */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) {
      throw new LabSpecError(`there is no host "${name}", only ${[...this.#hosts.keys()].join(', ')}`);
    }
    return host;
  }

  /**
   * Kills every process of the hosts, then takes down namespaces, cgroups and directories. Doing it again
   * does nothing.
   *
   * @throws {CleanupError} when a step failed; the others were done all the same.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    const attempt = async (step: Promise<unknown>): Promise<void> => {
      await step.catch((error: unknown) => errors.push(error));
    };
    await attempt(killAndRemoveCgroup(this.cgroup));
    const namespaces = mounts().filter(({ point }) => point.startsWith(`${this.dir}/`));
    for (const { point } of namespaces) await attempt(run(['umount', point]));
    await attempt(rm(this.dir, { recursive: true, force: true }));
    if (errors.length > 0) throw new CleanupError(errors, `could not take the laboratory ${this.dir} down`);
  }
}
