import { existsSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { detachLink } from '../kernel/cgroup-link.js';
import { lockPinDirectory } from '../kernel/lock.js';
import { openPinned } from '../kernel/pin.js';
import { requireRoot } from '../kernel/privilege.js';
import { DISCARDED, PIN_ROOT, PINNED_MAPS, PINS, PROGRAMS, STAGING } from './pins.js';

/**
 * Detaches the receiver and removes every trace of it. Connections go on; from then on getpeername() says the
 * forwarder for all of them.
 *
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, KernelError
 */
export function detachReceiver(): boolean {
  requireRoot('detaching a receiver');
  if (!existsSync(PIN_ROOT)) return false;
  using _lock = lockPinDirectory(PIN_ROOT);
  const leftovers = removeLeftovers();
  const attached = existsSync(PINS);
  if (attached) {
    renameSync(PINS, DISCARDED);
    takeDown(DISCARDED);
  }
  if (readdirSync(PIN_ROOT).length === 0) rmdirSync(PIN_ROOT);
  return leftovers || attached;
}

/**
 * Removes what an attach or detach that was killed half-way has left.
 *
 * @returns whether there was anything.
 */
export function removeLeftovers(): boolean {
  const found = [STAGING, DISCARDED].filter((directory) => existsSync(directory));
  found.forEach(takeDown);
  return found.length > 0;
}

/** Breaks the links of a pin directory, the tagging one first, and removes the directory. */
export function takeDown(directory: string): void {
  for (const { pin } of [...PROGRAMS].reverse()) {
    const path = join(directory, pin);
    if (!existsSync(path)) continue;
    using link = openPinned(path);
    detachLink(link);
    unlinkSync(path);
  }
  for (const name of PINNED_MAPS) {
    const path = join(directory, name);
    if (existsSync(path)) unlinkSync(path);
  }
  rmdirSync(directory);
}
