import type { Role } from '../kernel/feature.js';
import { findClassicReceivers, WITH_CLASSIC } from '../receiver/classic.js';
import { attachmentsTo } from './attachments.js';

/** Something else on this host that does what TruePeer does, or gets in its way. */
export interface Conflict {
  readonly kind: 'module' | 'program';
  /** What it is, and where it was seen. */
  readonly what: string;
  readonly effect: string;
  readonly remedy: string;
  /** The roles that cannot be attached for it. */
  readonly prevents: readonly Role[];
}

/**
 * @param cgroup absolute path of the cgroup whose programs are looked at; null to look at none.
 * @throws {KernelError} where the programs cannot be listed.
 */
export function findConflicts(cgroup: string | null): Conflict[] {
  return [...findModules(), ...(cgroup === null ? [] : attachmentsTo(cgroup))];
}

function findModules(): Conflict[] {
  return findClassicReceivers().map((found) => ({
    ...found,
    kind: 'module',
    effect: WITH_CLASSIC,
    prevents: ['receiver'],
  }));
}
