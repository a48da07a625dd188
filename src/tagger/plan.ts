import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupId, cgroupPath } from '../kernel/cgroup.js';
import { CgroupHook } from '../kernel/cgroup-link.js';
import { PIN_ROOT, type Plan } from '../lifecycle/plan.js';
import { recorderSize } from '../lifecycle/recorder.js';
import { TAG, TAG_DECISION, TAGGER_COUNTERS } from './layout.js';

/** The programs; sock_ops, which alone has the settings that matter, comes last. */
export const TAGGER_PROGRAMS = [
  { name: 'tagger_getsockname4', pin: 'getsockname4', hook: CgroupHook.getsockname4 },
  { name: 'tagger_getsockname6', pin: 'getsockname6', hook: CgroupHook.getsockname6 },
  { name: 'tagger_setsockopt', pin: 'setsockopt', hook: CgroupHook.setsockopt },
  { name: 'tagger_bind4', pin: 'bind4', hook: CgroupHook.bind4 },
  { name: 'tagger_bind6', pin: 'bind6', hook: CgroupHook.bind6 },
  { name: 'tagger_sockops', pin: 'sockops', hook: CgroupHook.sockOps },
] as const;

const DIRECTORY = /^tagger-\d+$/;

/**
 * The plan of one cgroup's tagger. There may be several side by side, one a cgroup; each has a directory named by its
 * cgroup's id, which stays the same for as long as the cgroup exists.
 *
 * @throws {CgroupError} when there is no such cgroup.
 */
export function taggerPlan(cgroup: string): Plan {
  return planOf(join(PIN_ROOT, `tagger-${cgroupId(cgroupPath(cgroup))}`));
}

/** The plans of all taggers that are attached. */
export function attachedTaggers(): Plan[] {
  if (!existsSync(PIN_ROOT)) return [];
  return readdirSync(PIN_ROOT)
    .filter((name) => DIRECTORY.test(name))
    .map((name) => planOf(join(PIN_ROOT, name)));
}

function planOf(directory: string): Plan {
  return {
    role: 'tagger',
    attachCommand: 'truepeer tagger attach --cgroup PATH',
    detachCommand: 'truepeer tagger detach',
    directory,
    maps: {
      tags: TAG.size,
      counters: TAGGER_COUNTERS.size,
      recorders: recorderSize(TAG_DECISION.size),
      follow_until: 8,
    },
    programs: TAGGER_PROGRAMS,
  };
}
