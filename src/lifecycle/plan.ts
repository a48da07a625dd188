import { join } from 'node:path';
import { BPFFS } from '../kernel/bpffs.js';

/** Below this stands everything of ours in bpffs. */
export const PIN_ROOT = join(BPFFS, 'truepeer');

/** One program that a role attaches. */
export interface PlannedProgram {
  readonly name: string;
  /** The name its link is pinned under. */
  readonly pin: string;
}

/** What a role leaves in bpffs while it is attached, and in the kernel with it. */
export interface Plan {
  /** The role, as errors and commands call it. */
  readonly role: string;
  /** The command that attaches it, for errors. */
  readonly attachCommand: string;
  readonly detachCommand: string;
  /** The pin directory. Its appearance and disappearance, by rename, is what makes attach and detach whole. */
  readonly directory: string;
  /** The maps that live on when programs are replaced, with the size of their values in bytes. */
  readonly maps: Readonly<Record<string, number>>;
  /** How many entries some of these have, where only that tells another layout. */
  readonly entries?: Readonly<Record<string, number>>;
  /**
   * The programs, in the order in which they are attached. Settings belong to the last one alone, so that replacing
   * it is the moment in which new settings take effect, all at once.
   */
  readonly programs: readonly PlannedProgram[];
}

/** Where an attach builds until it is done. (bpffs allows no dot in a name.) */
export function stagingOf(plan: Plan): string {
  return `${plan.directory}-attaching`;
}

/** Where a detach takes down. */
export function discardedOf(plan: Plan): string {
  return `${plan.directory}-detaching`;
}
