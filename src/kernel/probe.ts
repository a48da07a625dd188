import { closeSync, existsSync, readFileSync } from 'node:fs';
import { BPFFS, isBpffsMounted } from './bpffs.js';
import { lackOfPrivilege } from './capabilities.js';
import { CgroupHook } from './cgroup-link.js';
import { KernelError } from './errors.js';
import { callHelper, doNothing, readContext } from './instructions.js';
import { LibbpfMissingError, libbpf } from './libbpf.js';
import { cgroupMountPoint, mounts } from './mounts.js';
import { loadInstructions, type ProgramKind, ProgramType } from './program.js';

/** What the kernel answered. `unknown` is for questions it, or the lack of libbpf, did not let us ask. */
export interface Probed {
  readonly state: 'present' | 'missing' | 'unknown';
  /** Where it is, or why it is not, in a few words. */
  readonly detail?: string;
}

/** Answers a question about the running kernel, changing nothing. */
export type Probe = () => Probed;

const BPF_TRACE_ITER = 28;

function present(detail?: string): Probed {
  return { state: 'present', ...(detail !== undefined && { detail }) };
}

function missing(detail?: string): Probed {
  return { state: 'missing', ...(detail !== undefined && { detail }) };
}

/** Whether this process may load programs at all. */
export function probeBpf(): Probed {
  try {
    loadInstructions({ type: ProgramType.sockOps }, doNothing())[Symbol.dispose]();
    const lack = lackOfPrivilege();
    return lack === undefined ? present() : missing(lack);
  } catch (error) {
    if (error instanceof LibbpfMissingError) return { state: 'unknown', detail: error.message };
    if (error instanceof KernelError) return missing(lackOfPrivilege() ?? error.code);
    throw error;
  }
}

/** A question put by means of bpf(): where that itself is refused, every answer would be no. */
function asking(question: () => boolean): Probe {
  return () => {
    if (probeBpf().state !== 'present') return { state: 'unknown' };
    return question() ? present() : missing();
  };
}

/** The first answer that is not yes, or else the last yes. */
export function all(...probes: readonly [Probe, ...Probe[]]): Probe {
  return () => {
    const answers = probes.map((probe) => probe());
    return answers.find(({ state }) => state !== 'present') ?? answers.at(-1)!;
  };
}

function isTaken(kind: ProgramKind, instructions: Buffer): boolean {
  try {
    loadInstructions(kind, instructions)[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

/** Whether there are these cgroup hooks for socket addresses. */
export function sockAddrHooks(...attachTypes: readonly number[]): Probe {
  return asking(() =>
    attachTypes.every((attachType) => isTaken({ type: ProgramType.sockAddr, attachType }, doNothing())),
  );
}

/** Whether there is this cgroup hook for getsockopt() or setsockopt(). */
export function sockoptHook(attachType: number): Probe {
  return asking(() => isTaken({ type: ProgramType.sockopt, attachType }, doNothing()));
}

/** Whether sock_ops programs can read a field of struct bpf_sock_ops, given by its offset. */
export function sockOpsField(offset: number): Probe {
  return asking(() => isTaken({ type: ProgramType.sockOps }, readContext(offset)));
}

/** How verifiers of different ages say that they have no such helper, for any program or for this type. */
const NO_HELPER = /invalid func |unknown func |program of this type cannot use helper /;

/**
 * Whether a program may call all of these helpers (enum bpf_func_id). libbpf_probe_bpf_helper() asks the same, but
 * the one of libbpf 1.1 takes newer kernels' no for a yes.
 */
export function helpers(kind: ProgramKind, ...ids: readonly number[]): Probe {
  return asking(() => ids.every((id) => hasHelper(kind, id)));
}

function hasHelper(kind: ProgramKind, id: number): boolean {
  try {
    loadInstructions(kind, callHelper(id))[Symbol.dispose]();
    return true;
  } catch (error) {
    // Most helpers want more arguments than a probe has, and the verifier says so of those it knows.
    if (error instanceof KernelError) return error.log !== '' && !NO_HELPER.test(error.log ?? '');
    throw error;
  }
}

/** Whether there is a type of map (enum bpf_map_type). */
export function mapType(type: number): Probe {
  return asking(() => libbpf().probeMapType(type, null) === 1);
}

/** Struct bpf_map_create_opts of libbpf's bpf.h, up to the flags. */
const CREATE_OPTIONS = { size: 32, flags: 28 } as const;

/** Whether a map of a type (enum bpf_map_type) that holds numbers takes these flags. */
export function mapFlags(type: number, flags: number): Probe {
  return asking(() => {
    const options = Buffer.alloc(CREATE_OPTIONS.size);
    options.writeBigUInt64LE(BigInt(CREATE_OPTIONS.size));
    options.writeUInt32LE(flags, CREATE_OPTIONS.flags);
    const fd = libbpf().mapCreate(type, 'truepeer_probe', 4, 4, 1, options);
    if (fd >= 0) closeSync(fd);
    return fd >= 0;
  });
}

/** Whether there is a type of program (enum bpf_prog_type). */
export function programType(type: number): Probe {
  return asking(() => libbpf().probeProgramType(type, null) === 1);
}

/** Whether attachments to cgroups can be links: a kernel that knows them complains of the program, which is none. */
export const cgroupLinks: Probe = asking(() => {
  const EBADF = 9;
  return libbpf().linkCreate(-1, -1, CgroupHook.sockOps, null) === -EBADF;
});

/** Whether BPF programs can iterate over a kind of kernel object. */
export function iterator(target: string): Probe {
  return asking(() => libbpf().findVmlinuxBtfId(target, BPF_TRACE_ITER) > 0);
}

/** Where the kernel has no MPTCP, nothing is needed for it. */
export function unlessWithoutMptcp(probe: Probe): Probe {
  return () =>
    existsSync('/proc/sys/net/mptcp') ? probe() : present('not needed: this kernel has no MPTCP');
}

export const kernelBtf: Probe = () => (existsSync('/sys/kernel/btf/vmlinux') ? present() : missing());

export const cgroupV2: Probe = () => {
  const all = mounts();
  const point = cgroupMountPoint(all);
  if (point === undefined) return missing(hasFileSystem('cgroup2') ? 'not mounted' : undefined);
  return present(all.some(({ type }) => type === 'cgroup') ? `${point}, beside cgroup v1` : point);
};

export const bpfFileSystem: Probe = () => {
  if (isBpffsMounted()) return present(BPFFS);
  if (!hasFileSystem('bpf') || !existsSync(BPFFS)) return missing();
  return present(`not mounted on ${BPFFS} yet, attach does that`);
};

function hasFileSystem(type: string): boolean {
  return readFileSync('/proc/filesystems', 'utf8').split(/\s/).includes(type);
}
