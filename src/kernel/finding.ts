import type { Feature, Role } from './feature.js';
import type { Probed } from './probe.js';
import { isAtLeast, type KernelVersion } from './version.js';

/** One feature of this kernel, in plain data. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly since: KernelVersion;
  readonly roles: readonly Role[];
  readonly required: boolean;
  readonly state: Probed['state'];
  /** Where it is, or why it is not; null where there is nothing to add. */
  readonly detail: string | null;
  /** What is lost without it. */
  readonly without: string;
  /** What to do; null where it is present. */
  readonly remedy: string | null;
}

/** What a probe's answer means on a kernel of this release. */
export function toFinding(feature: Feature, probed: Probed, release: string): Finding {
  const { id, name, since, roles, required, without } = feature;
  const { state, detail = null } = probed;
  const remedy = state === 'present' ? null : remedyFor(feature, state, release);
  return { id, name, since, roles, required, state, detail, without, remedy };
}

function remedyFor(feature: Feature, state: 'missing' | 'unknown', release: string): string {
  if (state === 'unknown') return 'make bpf() usable first';
  if (!isAtLeast(release, feature.since)) return `run Linux ${feature.since} or newer`;
  return feature.remedy ?? `run a kernel that is built with ${feature.config}=y`;
}
