import type { Facts } from './diagnosis.js';

/** Something that is not wrong and may surprise. */
export interface Note {
  readonly id: string;
  readonly text: string;
}

const TFO_SERVER_ENABLE = 2;

/** Each says when it applies, and what there is to know then. */
const NOTES: readonly (Note & { readonly applies: (facts: Pick<Facts, 'settings'>) => boolean })[] = [
  {
    id: 'lockdown',
    applies: ({ settings }) => settings.lockdown === 'confidentiality',
    text: 'kernel lockdown is `confidentiality`, which keeps programs from reading kernel memory',
  },
  {
    id: 'unprivileged-bpf',
    applies: ({ settings }) => settings.unprivilegedBpfDisabled === 0,
    text:
      'kernel.unprivileged_bpf_disabled is 0: every user may load (harmless kinds of) BPF programs. TruePeer needs ' +
      'no such thing; distributions set it to 2 against side channels in CPUs',
  },
  {
    id: 'no-jit',
    applies: ({ settings }) => settings.bpfJit === 0,
    text: 'net.core.bpf_jit_enable is 0: programs are interpreted, which is several times slower; set it to 1',
  },
  {
    id: 'mptcp',
    applies: ({ settings }) => settings.mptcp === 1,
    text:
      'MPTCP is enabled (net.mptcp.enabled=1): for listeners that use it, the option on the first subflow of a ' +
      'connection decides',
  },
  {
    id: 'tcp-fast-open',
    applies: ({ settings }) => ((settings.tcpFastOpen ?? 0) & TFO_SERVER_ENABLE) !== 0,
    text:
      `net.ipv4.tcp_fastopen lets listeners use TCP Fast Open: such a connection is established by its SYN, so ` +
      'the forwarder has to put the option on the SYN',
  },
  {
    id: 'forwarding',
    applies: ({ settings }) => settings.ipForward === 0 || settings.ipv6Forwarding === 0,
    text:
      'a forwarder needs the kernel to route: set net.ipv4.ip_forward, and for IPv6 net.ipv6.conf.all.forwarding, to 1 ' +
      'where one shall run (nothing else of TruePeer minds)',
  },
  {
    id: 'container-cgroups',
    applies: ({ settings }) => !settings.hostCgroups,
    text: 'this process is in a cgroup namespace: the cgroup `/` is that of its container, not of the host',
  },
];

/** The notes that apply. */
export function notesOn(facts: Pick<Facts, 'settings'>): Note[] {
  return NOTES.filter(({ applies }) => applies(facts)).map(({ id, text }) => ({ id, text }));
}
