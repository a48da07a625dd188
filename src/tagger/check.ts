import { CgroupError, cgroupId, cgroupPath, cgroupRoot } from '../kernel/cgroup.js';
import { NoteError } from '../lifecycle/note.js';
import { encodeTaggerSettings, type TaggerSettings } from './settings.js';

/** One tagger that is to be attached. */
export interface TaggerOrder {
  /** As an operator writes it. */
  readonly cgroup: string;
  readonly settings: TaggerSettings;
}

/** What is wrong with the cgroup of one of several orders. */
export interface CgroupProblem {
  readonly index: number;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/**
 * What would keep some of several taggers from being attached, or one from staying, to be asked before the first is:
 * cgroups that are not there, or whose names are too long, and cgroups that are named more than once, in whatever way.
 *
 * @throws {CgroupError} where cgroup v2 is not mounted.
 */
export function cgroupProblems(orders: readonly TaggerOrder[]): CgroupProblem[] {
  cgroupRoot();
  const seen = new Map<bigint, string>();
  return orders.flatMap((order, index) => {
    const message = problemOf(order, seen);
    return message === undefined ? [] : [{ index, message }];
  });
}

function problemOf({ cgroup, settings }: TaggerOrder, seen: Map<bigint, string>): string | undefined {
  try {
    encodeTaggerSettings(settings, cgroup);
    const id = cgroupId(cgroupPath(cgroup));
    const same = seen.get(id);
    seen.set(id, cgroup);
    return same === undefined
      ? undefined
      : `cgroup \`${cgroup}\` is named twice, as \`${same}\` before: a cgroup has one tagger`;
  } catch (error) {
    if (error instanceof CgroupError || error instanceof NoteError) return error.message;
    throw error;
  }
}
