import { Attached, type Health } from '../lifecycle/health.js';
import { type Installed, openInstalled, requireInstalled } from '../lifecycle/installed.js';
import { lookAgain } from '../lifecycle/look-again.js';
import { readNote } from '../lifecycle/note.js';
import type { Plan } from '../lifecycle/plan.js';
import { TAGGER_SETTINGS } from './layout.js';
import { attachedTaggers, taggerPlan } from './plan.js';
import type { TaggerNote } from './settings.js';
import { taggerStatsOf } from './stats.js';

/** Everything `truepeer tagger status` says of one tagger; read from the kernel, which alone keeps it. */
export interface TaggerStatus extends TaggerNote, Health {
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
  readonly opened: bigint;
  readonly tagged: bigint;
}

/**
 * The attached taggers.
 *
 * @param cgroup only this one's, as an operator writes it; all where none is given.
 * @throws PrivilegeError, CgroupError, KernelError; NotAttachedError where the cgroup given has none
 */
export function readTaggerStatuses(cgroup?: string): TaggerStatus[] {
  if (cgroup !== undefined) return [lookAgain(() => requireStatus(taggerPlan(cgroup)))];
  // One that was detached since they were listed is none of them.
  return attachedTaggers().flatMap((plan) => lookAgain(() => statusIfAttached(plan)) ?? []);
}

function requireStatus(plan: Plan): TaggerStatus {
  using installed = requireInstalled(plan);
  return statusOf(plan, installed);
}

function statusIfAttached(plan: Plan): TaggerStatus | undefined {
  using installed = openInstalled(plan);
  return installed && statusOf(plan, installed);
}

function statusOf(plan: Plan, installed: Installed): TaggerStatus {
  const attached = new Attached(plan, installed);
  const note = noteOf(attached);
  const stats = taggerStatsOf(installed.map('counters'));
  return {
    ...note,
    ...attached.health(),
    problems: attached.problems(note.cgroup),
    opened: stats.opened,
    tagged: stats.outcomes.tagged,
  };
}

/**
 * What the tagger of a plan was told.
 *
 * @throws NotAttachedError, AttachedOtherwiseError, PrivilegeError, KernelError
 */
export function readNoteOf(plan: Plan): TaggerNote {
  return lookAgain(() => {
    using installed = requireInstalled(plan);
    return noteOf(new Attached(plan, installed));
  });
}

function noteOf(attached: Attached): TaggerNote {
  const settings = attached.settings(TAGGER_SETTINGS.size);
  return settings === undefined
    ? { version: 'unknown', cgroup: 'unknown', on: [] }
    : readNote(settings, TAGGER_SETTINGS.note);
}
