import { CgroupError, cgroupPath } from '../kernel/cgroup.js';
import { detach } from '../lifecycle/detach.js';
import { AttachedOtherwiseError, NotAttachedError } from '../lifecycle/errors.js';
import { attachedTaggers, taggerPlan } from './plan.js';
import { readNoteOf } from './status.js';

/** No such cgroup any more, a note that only another version can read, a tagger that was detached meanwhile. */
const UNKNOWN = [CgroupError, AttachedOtherwiseError, NotAttachedError] as const;

/**
 * Removes what remains of taggers on earlier cgroups at the same path: a service that is restarted gets a new cgroup
 * there, and the old one took its tagger's effect with it, but not the pins.
 *
 * @param cgroup as an operator writes it; its own tagger stays.
 * @throws PrivilegeError, KernelError
 */
export function removeOrphans(cgroup: string): void {
  const { directory } = taggerPlan(cgroup);
  const path = cgroupPath(cgroup);
  for (const plan of attachedTaggers())
    if (plan.directory !== directory && pathNow(() => readNoteOf(plan).cgroup) === path) detach(plan);
}

/** Where the cgroup that a tagger was attached to is now; undefined where it is nowhere, or not known. */
function pathNow(cgroup: () => string): string | undefined {
  try {
    return cgroupPath(cgroup());
  } catch (error) {
    if (UNKNOWN.some((unknown) => error instanceof unknown)) return undefined;
    throw error;
  }
}
