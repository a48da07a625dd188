import { cgroupExists, cgroupId, cgroupPath, openCgroup } from '../kernel/cgroup.js';
import { attachToCgroup, type CgroupHook } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { linkInfo } from '../kernel/info.js';
import type { LoadedObject } from '../kernel/object.js';
import { type AttachOutcome, attach } from './attach.js';
import { AttachedOtherwiseError } from './errors.js';
import type { Installed } from './installed.js';
import type { Plan, PlannedProgram } from './plan.js';

/** A program that is attached to a cgroup. */
export interface CgroupProgram extends PlannedProgram {
  readonly hook: CgroupHook;
}

/** What an attach found and did. */
export interface AttachResult {
  /** `attached` where there was nothing; `replaced` where programs were exchanged in place. */
  readonly outcome: AttachOutcome;
  /** Absolute path of the cgroup. */
  readonly cgroup: string;
}

export interface CgroupOrder {
  /** The cgroup, as an operator writes it. */
  readonly cgroup: string;
  /** The programs of the plan that are wanted. */
  readonly programs: readonly CgroupProgram[];
  /** Loads the programs, on the maps of an earlier attach where there are any, and completes what they need to run. */
  load(reuse: Readonly<Record<string, Descriptor>>): LoadedObject;
}

/**
 * Attaches a role to a cgroup, with all that {@link attach} promises.
 *
 * @throws PrivilegeError, CgroupError, KernelError, and what `load` throws
 * @throws {AttachedOtherwiseError} where another layout is attached, or another cgroup.
 */
export function attachInCgroup(plan: Plan, { cgroup: name, programs, load }: CgroupOrder): AttachResult {
  const path = cgroupPath(name);
  using cgroup = openCgroup(name);
  const { outcome, object } = attach<CgroupProgram>(plan, {
    anchor: {
      attach: (program, { hook }) => attachToCgroup(program, cgroup, hook),
      isAlive,
    },
    programs,
    load: (installed) => {
      if (installed !== undefined) requireSameCgroup(plan, installed, path);
      return load(installed?.maps ?? {});
    },
  });
  object[Symbol.dispose]();
  return { outcome, cgroup: path };
}

/** Links end with their cgroup, which systemd removes when a service stops; the kernel breaks them some time later. */
function isAlive(link: Descriptor): boolean {
  const { cgroupId: id } = linkInfo(link);
  return id !== 0n && cgroupExists(id);
}

function requireSameCgroup(plan: Plan, installed: Installed, path: string): void {
  const id = cgroupId(path);
  for (const link of installed.links.values()) {
    if (isAlive(link) && linkInfo(link).cgroupId !== id)
      throw new AttachedOtherwiseError(
        `a ${plan.role} is attached to another cgroup than ${path} (see \`truepeer ${plan.role} status\`): ` +
          `run \`${plan.detachCommand}\` first`,
      );
  }
}
