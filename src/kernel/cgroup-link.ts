import { checked, Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';

/** enum bpf_attach_type of include/uapi/linux/bpf.h. */
export const CgroupHook = {
  sockOps: 3,
  bind4: 8,
  bind6: 9,
  getsockopt: 21,
  setsockopt: 22,
  getpeername4: 29,
  getpeername6: 30,
  getsockname4: 31,
  getsockname6: 32,
} as const;
export type CgroupHook = (typeof CgroupHook)[keyof typeof CgroupHook];

/**
 * Attaches a program to a cgroup, beside whatever else is attached there. The link is broken when it is closed,
 * unless it is pinned.
 *
 * @throws {KernelError}
 */
export function attachToCgroup(program: Descriptor, cgroup: Descriptor, hook: CgroupHook): Descriptor {
  return new Descriptor(checked('attach to cgroup', libbpf().linkCreate(program.fd, cgroup.fd, hook, null)));
}

/**
 * Replaces the program behind a link, without a moment in which neither runs.
 *
 * @throws {KernelError}
 */
export function replaceProgram(link: Descriptor, program: Descriptor): void {
  checked('replace program', libbpf().linkUpdate(link.fd, program.fd, null));
}

/**
 * Breaks a link now, pinned or not.
 *
 * @throws {KernelError}
 */
export function detachLink(link: Descriptor): void {
  checked('detach', libbpf().linkDetach(link.fd));
}

/** What is attached to a cgroup itself at one hook. */
export interface Attached {
  /** Program ids, in the order in which they run. */
  readonly programs: number[];
  /** Whether others may be attached beside them. */
  readonly shared: boolean;
}

const BPF_F_ALLOW_MULTI = 2;

/** @throws {KernelError} */
export function queryAttached(cgroup: Descriptor, hook: CgroupHook): Attached {
  const ids = Buffer.alloc(4 * 64);
  const count = Buffer.alloc(4);
  const flags = Buffer.alloc(4);
  count.writeUInt32LE(64);
  checked('list attached programs', libbpf().progQuery(cgroup.fd, hook, 0, flags, ids, count));
  const programs = Array.from({ length: count.readUInt32LE() }, (_, at) => ids.readUInt32LE(4 * at));
  return { programs, shared: programs.length === 0 || (flags.readUInt32LE() & BPF_F_ALLOW_MULTI) !== 0 };
}

/**
 * The ids of the programs attached to this cgroup itself at one hook.
 *
 * @throws {KernelError}
 */
export function attachedPrograms(cgroup: Descriptor, hook: CgroupHook): number[] {
  return queryAttached(cgroup, hook).programs;
}
