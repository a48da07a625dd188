import { keys } from '../kernel/map.js';
import { Attached, type Health } from '../lifecycle/health.js';
import { type Installed, openInstalled } from '../lifecycle/installed.js';
import { lookAgain } from '../lifecycle/look-again.js';
import { formatCidr } from '../wire/index.js';
import { SETTINGS } from './layout.js';
import { RECEIVER } from './plan.js';
import { decodeNote, decodeReads, type Note } from './program-data.js';
import type { Reads } from './reads.js';
import { statsOf } from './stats.js';
import { decodeTrust } from './trust.js';

/** Everything `truepeer receiver status` says; read from the kernel, which alone keeps it. */
export type ReceiverStatus = { readonly attached: false } | AttachedStatus;

export interface AttachedStatus extends Note, Health {
  readonly attached: true;
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** CIDRs, or `any`. */
  readonly trust: readonly string[] | 'any';
  /** The options that the profiles and kinds come to. */
  readonly reads: Reads;
  /** Whether getsockopt() answers. */
  readonly sockopt: boolean;
  readonly established: bigint;
  readonly tagged: bigint;
}

/** @throws PrivilegeError, KernelError; AttachedOtherwiseError for a receiver of another layout */
export function readStatus(): ReceiverStatus {
  return lookAgain(() => {
    using installed = openInstalled(RECEIVER);
    return installed === undefined ? { attached: false } : statusOf(installed);
  });
}

function statusOf(installed: Installed): AttachedStatus {
  const attached = new Attached(RECEIVER, installed);
  const settings = attached.settings(SETTINGS.size);
  const note =
    settings === undefined
      ? { version: 'unknown', profiles: [], kinds: [], refuse: [], cgroup: 'unknown' }
      : decodeNote(settings);
  const stats = statsOf(installed);
  return {
    attached: true,
    ...note,
    ...attached.health(),
    problems: attached.problems(note.cgroup, ['getsockopt']),
    trust: settings === undefined ? [] : trustOf(attached, settings),
    reads: settings === undefined ? { completing: [], syn: [] } : decodeReads(settings),
    sockopt: installed.links.has('getsockopt'),
    established: stats.established,
    tagged: stats.outcomes.tagged + stats.outcomes.nat64,
  };
}

function trustOf(attached: Attached, settings: Buffer): readonly string[] | 'any' {
  using map = attached.mapOfSettings('trust');
  const trust = decodeTrust(settings, map === undefined ? [] : keys(map));
  return trust === 'any' ? trust : trust.map(formatCidr);
}
