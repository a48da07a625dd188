import type { Probe } from './probe.js';
import type { KernelVersion } from './version.js';

export type Role = 'receiver' | 'tagger' | 'forwarder';

/** Something that a role needs of the kernel. */
export interface Feature {
  readonly id: string;
  readonly name: string;
  /** The first Linux that has it. Distributions carry features back to older ones, so the probe decides. */
  readonly since: KernelVersion;
  /** The roles that make use of it. */
  readonly roles: readonly Role[];
  /** Whether these roles cannot do without it. */
  readonly required: boolean;
  /** What is lost without it. */
  readonly without: string;
  /** The kernel's build option behind it. */
  readonly config: string;
  /** What to do where it is missing, unless that is another kernel. */
  readonly remedy?: string;
  readonly probe: Probe;
}
