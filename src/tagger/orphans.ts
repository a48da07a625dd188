import { existsSync } from 'node:fs';
import { CgroupError, cgroupExists, cgroupLocation } from '../kernel/cgroup.js';
import { detach } from '../lifecycle/detach.js';
import { AttachedOtherwiseError, NotAttachedError } from '../lifecycle/errors.js';
import type { Plan } from '../lifecycle/plan.js';
import { allTaggers, type TaggerPlan, taggerPlan } from './plan.js';
import { readNoteOf } from './status.js';

/** A cgroup that cannot be, a note that only another version can read, a tagger that was detached meanwhile. */
const UNKNOWN = [CgroupError, AttachedOtherwiseError, NotAttachedError] as const;

/**
 * Removes what remains of taggers on earlier cgroups at the same path: a service that is restarted gets a new cgroup
 * there, and the old one took its tagger's effect with it, but not the pins. Of an attach or detach that was killed
 * half-way nothing may tell the path; it goes as well once its cgroup is gone, as nobody can name that any more.
 *
 * @param cgroup as an operator writes it; there may be none any more. Where there is one, its own tagger stays.
 * @returns whether there was anything.
 * @throws PrivilegeError, CgroupError, KernelError
 */
export function removeOrphans(cgroup: string): boolean {
  const path = cgroupLocation(cgroup);
  const own = existsSync(path) ? taggerPlan(cgroup).directory : undefined;
  const orphans = allTaggers().filter((plan) => plan.directory !== own && isOrphanOf(path, plan));
  for (const plan of orphans) detach(plan);
  return orphans.length > 0;
}

function isOrphanOf(path: string, plan: TaggerPlan): boolean {
  const location = locationOf(plan);
  return location === undefined ? !cgroupExists(plan.cgroupId) : location === path;
}

/** Where the cgroup that a tagger was attached to is, or was; undefined where that is not known. */
function locationOf(plan: Plan): string | undefined {
  try {
    return cgroupLocation(readNoteOf(plan).cgroup);
  } catch (error) {
    if (UNKNOWN.some((unknown) => error instanceof unknown)) return undefined;
    throw error;
  }
}
