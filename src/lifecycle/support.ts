import { release } from 'node:os';
import { KernelError } from '../kernel/errors.js';
import type { Feature, Role } from '../kernel/feature.js';
import { FEATURES } from '../kernel/features.js';
import { type Finding, toFinding } from '../kernel/finding.js';
import { isAtLeast, type KernelVersion, newest } from '../kernel/version.js';

/** The kernel, or the way the host is set up, lacks something that a role cannot do without. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly finding: Finding;

  constructor(role: Role, finding: Finding, kernel: string, options?: ErrorOptions) {
    const detail = finding.detail === null ? '' : ` (${finding.detail})`;
    super(
      `a ${role} needs ${finding.name}, in Linux since ${finding.since}; this host (${kernel}) does not ` +
        `have it${detail}: ${finding.remedy}; \`truepeer doctor\` tells more`,
      options,
    );
    this.finding = finding;
  }
}

/** What no version promises: it depends on how the kernel was built and the host is set up. Quick to look at. */
const SETUP: readonly string[] = ['cgroup-v2', 'bpffs', 'btf'];

function requiredBy(role: Role): readonly Feature[] {
  return FEATURES.filter(({ roles, required }) => required && roles.includes(role));
}

/** The first Linux that has all that a role cannot do without. */
export function floorOf(role: Role): KernelVersion {
  return newest(requiredBy(role).map(({ since }) => since));
}

/**
 * Refuses a host that cannot run a role. A kernel that is new enough is only asked for what its version does not
 * promise; an older one may have been given the features by its distribution, and is asked for each.
 *
 * @throws {UnsupportedError}
 */
export function requireSupport(role: Role, kernel = release()): void {
  const required = requiredBy(role);
  const recent = isAtLeast(kernel, floorOf(role));
  refuseMissing(role, recent ? required.filter(({ id }) => SETUP.includes(id)) : required, kernel);
}

/**
 * Has a role's programs loaded; where the kernel refuses them, asks it for everything that the role needs.
 *
 * @throws {UnsupportedError} where something is missing, with the refusal as its cause; else the refusal itself.
 */
export function explainRefusal<T>(role: Role, load: () => T): T {
  try {
    return load();
  } catch (refusal) {
    if (refusal instanceof KernelError) refuseMissing(role, requiredBy(role), release(), { cause: refusal });
    throw refusal;
  }
}

function refuseMissing(
  role: Role,
  features: readonly Feature[],
  kernel: string,
  options?: ErrorOptions,
): void {
  for (const feature of features) {
    const finding = toFinding(feature, feature.probe(), kernel);
    if (finding.state === 'missing') throw new UnsupportedError(role, finding, kernel, options);
  }
}
