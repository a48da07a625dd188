import { readFileSync, readlinkSync } from 'node:fs';

/** Settings of the running kernel that matter here; null where it has no such setting. */
export interface KernelSettings {
  /** `none`, `integrity` or `confidentiality` (kernel_lockdown(7)). */
  readonly lockdown: string | null;
  /** kernel.unprivileged_bpf_disabled */
  readonly unprivilegedBpfDisabled: number | null;
  /** net.core.bpf_jit_enable */
  readonly bpfJit: number | null;
  /** net.mptcp.enabled */
  readonly mptcp: number | null;
  /** net.ipv4.tcp_fastopen, a bit mask */
  readonly tcpFastOpen: number | null;
  /** net.ipv4.ip_forward */
  readonly ipForward: number | null;
  /** net.ipv6.conf.all.forwarding */
  readonly ipv6Forwarding: number | null;
  /** Whether this process sees all cgroups of the host, and not just those of its container. */
  readonly hostCgroups: boolean;
}

/** PROC_CGROUP_INIT_INO of include/linux/proc_ns.h: the inode of the first cgroup namespace. */
const HOST_CGROUP_NAMESPACE = 'cgroup:[4026531835]';

export function readKernelSettings(): KernelSettings {
  return {
    lockdown: chosen(text('/sys/kernel/security/lockdown')),
    unprivilegedBpfDisabled: number('kernel/unprivileged_bpf_disabled'),
    bpfJit: number('net/core/bpf_jit_enable'),
    mptcp: number('net/mptcp/enabled'),
    tcpFastOpen: number('net/ipv4/tcp_fastopen'),
    ipForward: number('net/ipv4/ip_forward'),
    ipv6Forwarding: number('net/ipv6/conf/all/forwarding'),
    hostCgroups: readlinkSync('/proc/self/ns/cgroup') === HOST_CGROUP_NAMESPACE,
  };
}

/** The one in brackets: `none [integrity] confidentiality`. */
function chosen(choices: string | null): string | null {
  return choices === null ? null : (/\[(\w+)\]/.exec(choices)?.[1] ?? null);
}

function number(name: string): number | null {
  const value = text(`/proc/sys/${name}`);
  return value === null ? null : Number(value);
}

/** Absent, or (bpf_jit_enable, for others than root) not to be read. */
function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
