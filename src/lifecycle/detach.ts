import { existsSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { detachLink } from '../kernel/cgroup-link.js';
import { openPinned } from '../kernel/pin.js';
import { requireRoot } from '../kernel/privilege.js';
import { lockPinRoot } from './pin-root.js';
import { discardedOf, PIN_ROOT, type Plan, stagingOf } from './plan.js';

/**
 * Detaches a role and removes every trace of it.
 *
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, KernelError
 */
export function detach(plan: Plan): boolean {
  requireRoot(`detaching a ${plan.role}`);
  if (!existsSync(PIN_ROOT)) return false;
  using _lock = lockPinRoot();
  const leftovers = removeLeftovers(plan);
  const attached = existsSync(plan.directory);
  if (attached) {
    renameSync(plan.directory, discardedOf(plan));
    takeDown(plan, discardedOf(plan));
  }
  return leftovers || attached;
}

/**
 * Removes what an attach or detach that was killed half-way has left.
 *
 * @returns whether there was anything.
 */
export function removeLeftovers(plan: Plan): boolean {
  const found = [stagingOf(plan), discardedOf(plan)].filter((directory) => existsSync(directory));
  for (const directory of found) takeDown(plan, directory);
  return found.length > 0;
}

/** Breaks the links of a pin directory, the one with the settings first, and removes the directory. */
export function takeDown(plan: Plan, directory: string): void {
  for (const { pin } of [...plan.programs].reverse()) {
    const path = join(directory, pin);
    if (!existsSync(path)) continue;
    using link = openPinned(path);
    detachLink(link);
    unlinkSync(path);
  }
  // What is left are maps: ours, and those of a version that had others.
  for (const name of readdirSync(directory)) unlinkSync(join(directory, name));
  rmdirSync(directory);
}
