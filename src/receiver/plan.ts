import { join } from 'node:path';
import { CgroupHook } from '../kernel/cgroup-link.js';
import type { CgroupProgram } from '../lifecycle/cgroup-attach.js';
import { PIN_ROOT, type Plan } from '../lifecycle/plan.js';
import { recorderSize } from '../lifecycle/recorder.js';
import { CONNECTION, COUNTERS, DECISION, SLOT } from './layout.js';

/** There is one receiver on a host. The trust list is not pinned: it comes with the programs, like all settings. */
export const RECEIVER = {
  role: 'receiver',
  attachCommand: 'truepeer receiver attach --trust CIDR',
  detachCommand: 'truepeer receiver detach',
  directory: join(PIN_ROOT, 'receiver'),
  maps: {
    connections: CONNECTION.size,
    slots: SLOT.size,
    counters: COUNTERS.size,
    recorders: recorderSize(DECISION.size),
    follow_until: 8,
  },
  programs: [
    { name: 'receiver_getpeername4', pin: 'getpeername4', hook: CgroupHook.getpeername4 },
    { name: 'receiver_getpeername6', pin: 'getpeername6', hook: CgroupHook.getpeername6 },
    { name: 'receiver_getsockopt', pin: 'getsockopt', hook: CgroupHook.getsockopt },
    { name: 'receiver_sockops', pin: 'sockops', hook: CgroupHook.sockOps },
  ],
} as const satisfies Omit<Plan, 'programs'> & { readonly programs: readonly CgroupProgram[] };
