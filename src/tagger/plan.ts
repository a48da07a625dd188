import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupId, cgroupPath } from '../kernel/cgroup.js';
import { CgroupHook } from '../kernel/cgroup-link.js';
import { pinnedNames } from '../lifecycle/pin-root.js';
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

/** What there can be of a tagger: what is attached, or what an attach or detach is at, or has left where it was killed. */
const DIRECTORY = /^tagger-(\d+)(-attaching|-detaching)?$/;

/** The plan of one cgroup's tagger. */
export interface TaggerPlan extends Plan {
  /** The cgroup may be gone. */
  readonly cgroupId: bigint;
}

/**
 * The plan of one cgroup's tagger. There may be several side by side, one a cgroup; each has a directory named by its
 * cgroup's id, which stays the same for as long as the cgroup exists.
 *
 * @throws {CgroupError} when there is no such cgroup.
 */
export function taggerPlan(cgroup: string): TaggerPlan {
  return planOf(cgroupId(cgroupPath(cgroup)));
}

/** The plans of all taggers that are attached. */
export function attachedTaggers(): TaggerPlan[] {
  return allTaggers().filter(({ directory }) => existsSync(directory));
}

/** The plans of all taggers of which there is anything, be it only what a killed attach or detach has left. */
export function allTaggers(): TaggerPlan[] {
  const ids = pinnedNames().flatMap((name) => DIRECTORY.exec(name)?.[1] ?? []);
  return [...new Set(ids)].map((id) => planOf(BigInt(id)));
}

function planOf(cgroupId: bigint): TaggerPlan {
  return {
    cgroupId,
    role: 'tagger',
    attachCommand: 'truepeer tagger attach --cgroup PATH',
    detachCommand: 'truepeer tagger detach',
    directory: join(PIN_ROOT, `tagger-${cgroupId}`),
    maps: {
      tags: TAG.size,
      counters: TAGGER_COUNTERS.size,
      recorders: recorderSize(TAG_DECISION.size),
      follow_until: 8,
    },
    programs: TAGGER_PROGRAMS,
  };
}
