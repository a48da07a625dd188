import type { Role } from '../kernel/feature.js';
import type { Finding } from '../kernel/finding.js';
import type { Conflict } from './conflicts.js';
import { type Note, notesOn } from './notes.js';
import type { KernelSettings } from './settings.js';

/** Everything that `doctor` looks at. */
export interface Facts {
  /** As `uname -r` and `uname -m` print them. */
  readonly kernel: { readonly release: string; readonly architecture: string };
  /** Such as `1.5`; null where libbpf.so.1 is not installed. */
  readonly libbpf: string | null;
  readonly findings: readonly Finding[];
  readonly mounts: {
    /** Where cgroup v2 is mounted, and whether version 1 is too. */
    readonly cgroup: { readonly point: string; readonly layout: 'unified' | 'hybrid' } | null;
    readonly bpffs: { readonly point: string; readonly mounted: boolean };
  };
  readonly settings: KernelSettings;
  readonly conflicts: readonly Conflict[];
}

/** The report of `truepeer doctor`; plain data, and as such what `--json` prints. */
export interface Diagnosis extends Facts {
  /** Whether a receiver and a tagger can be attached. A forwarder has a host of its own, and wants a newer kernel. */
  readonly ok: boolean;
  /** For each role, whether everything is there that it requires, and nothing keeps it from being attached. */
  readonly roles: Readonly<Record<Role, boolean>>;
  readonly notes: readonly Note[];
}

/** Draws the conclusions. */
export function conclude(facts: Facts): Diagnosis {
  const works = (role: Role): boolean =>
    facts.libbpf !== null &&
    facts.findings
      .filter(({ roles, required }) => required && roles.includes(role))
      .every(({ state }) => state === 'present') &&
    !facts.conflicts.some(({ prevents }) => prevents.includes(role));
  const roles = { receiver: works('receiver'), tagger: works('tagger'), forwarder: works('forwarder') };
  return { ...facts, ok: roles.receiver && roles.tagger, roles, notes: notesOn(facts) };
}
