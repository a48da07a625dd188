import { join } from 'node:path';
import { BPFFS } from '../kernel/bpffs.js';
import { CgroupHook } from '../kernel/cgroup-link.js';

/**
 * What the receiver leaves in bpffs. All of it stands below one directory; the directory's own appearance and
 * disappearance, by rename, is what makes attach and detach whole.
 */
export const PIN_ROOT = join(BPFFS, 'truepeer');
export const PINS = join(PIN_ROOT, 'receiver');
/** Where an attach builds, until it is done. (bpffs allows no dot in a name.) */
export const STAGING = join(PIN_ROOT, 'receiver-attaching');
/** Where a detach takes down. */
export const DISCARDED = join(PIN_ROOT, 'receiver-detaching');

/** Maps that live on when the programs are replaced. The trust list is not among them: it comes with the programs. */
export const PINNED_MAPS = ['connections', 'counters', 'recorders', 'follow_until'] as const;
export type PinnedMap = (typeof PINNED_MAPS)[number];

/**
 * The programs, in the order in which they are attached. The one that tags comes last: it alone holds settings, so
 * replacing it is the moment in which new settings take effect, all at once.
 */
export const PROGRAMS = [
  { name: 'receiver_getpeername4', pin: 'getpeername4', hook: CgroupHook.getpeername4 },
  { name: 'receiver_getpeername6', pin: 'getpeername6', hook: CgroupHook.getpeername6 },
  { name: 'receiver_getsockopt', pin: 'getsockopt', hook: CgroupHook.getsockopt },
  { name: 'receiver_sockops', pin: 'sockops', hook: CgroupHook.sockOps },
] as const;
export type ReceiverProgram = (typeof PROGRAMS)[number];
