import { existsSync } from 'node:fs';
import { cgroupLocation } from '../kernel/cgroup.js';
import { detach } from '../lifecycle/detach.js';
import { removeOrphans } from './orphans.js';
import { allTaggers, taggerPlan } from './plan.js';

/**
 * Detaches the tagger of a cgroup, or all taggers, and removes every trace. Connections that are open go on. New ones
 * that the proxy still binds to a client's address are from then on what the kernel makes of such a bind. A program
 * without privileges is refused at once: at the bind, or with IP_FREEBIND (HAProxy's last resort) at the connect. One
 * with CAP_NET_RAW or CAP_NET_ADMIN that asks for IP_TRANSPARENT sends from the client's address, and as no answer comes
 * back it waits for its connect timeout.
 *
 * @param cgroup as an operator writes it, also one that has gone since; all taggers where none is given.
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, CgroupError, KernelError
 */
export function detachTagger(cgroup?: string): boolean {
  if (cgroup === undefined)
    return allTaggers()
      .map((plan) => detach(plan))
      .some((detached) => detached);
  const orphaned = removeOrphans(cgroup);
  if (orphaned && !existsSync(cgroupLocation(cgroup))) return true;
  return detach(taggerPlan(cgroup)) || orphaned;
}
