import { existsSync } from 'node:fs';
import { CgroupError, cgroupLocation } from '../kernel/cgroup.js';
import { detach } from '../lifecycle/detach.js';
import { AttachedOtherwiseError, NotAttachedError } from '../lifecycle/errors.js';
import type { Plan } from '../lifecycle/plan.js';
import { attachedTaggers, taggerPlan } from './plan.js';
import { readNoteOf } from './status.js';

/** A cgroup that cannot be, a note that only another version can read, a tagger that was detached meanwhile. */
const UNKNOWN = [CgroupError, AttachedOtherwiseError, NotAttachedError] as const;

/**
 * Removes what remains of taggers on earlier cgroups at the same path: a service that is restarted gets a new cgroup
 * there, and the old one took its tagger's effect with it, but not the pins.
 *
 * @param cgroup as an operator writes it; there may be none any more. Where there is one, its own tagger stays.
 * @returns whether there was anything.
 * @throws PrivilegeError, CgroupError, KernelError
 */
export function removeOrphans(cgroup: string): boolean {
  const path = cgroupLocation(cgroup);
  const own = existsSync(path) ? taggerPlan(cgroup).directory : undefined;
  const orphans = attachedTaggers().filter((plan) => plan.directory !== own && locationOf(plan) === path);
  for (const plan of orphans) detach(plan);
  return orphans.length > 0;
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
