import { release } from 'node:os';
import { KernelError } from '../kernel/errors.js';
import { FEATURES, type Feature } from '../kernel/features.js';
import { type Finding, toFinding } from '../kernel/finding.js';
import { isAtLeast, type KernelVersion, newest } from '../kernel/version.js';

/** The kernel, or the way the host is set up, lacks something that a receiver cannot do without. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly finding: Finding;

  constructor(finding: Finding, kernel: string, options?: ErrorOptions) {
    const detail = finding.detail === null ? '' : ` (${finding.detail})`;
    super(
      `a receiver needs ${finding.name}, in Linux since ${finding.since}; this host (${kernel}) does not ` +
        `have it${detail}: ${finding.remedy}; \`truepeer doctor\` tells more`,
      options,
    );
    this.finding = finding;
  }
}

const REQUIRED = FEATURES.filter(({ roles, required }) => required && roles.includes('receiver'));

/** The first Linux that has all of it. */
export const RECEIVER_FLOOR: KernelVersion = newest(['5.10', ...REQUIRED.map(({ since }) => since)]);

/** What no version promises: it depends on how the kernel was built and the host is set up. Quick to look at. */
const SETUP = REQUIRED.filter(({ id }) => id === 'cgroup-v2' || id === 'bpffs' || id === 'btf');

/**
 * Refuses a host that cannot run a receiver. A kernel that is new enough is only asked for what its version does not
 * promise; an older one may have been given the features by its distribution, and is asked for each.
 *
 * @throws {UnsupportedError}
 */
export function requireReceiverSupport(kernel = release()): void {
  refuseMissing(isAtLeast(kernel, RECEIVER_FLOOR) ? SETUP : REQUIRED, kernel);
}

/**
 * Has the programs loaded; where the kernel refuses them, asks it for everything that a receiver needs.
 *
 * @throws {UnsupportedError} where something is missing, with the refusal as its cause; else the refusal itself.
 */
export function explainRefusal<T>(load: () => T): T {
  try {
    return load();
  } catch (refusal) {
    if (refusal instanceof KernelError) refuseMissing(REQUIRED, release(), { cause: refusal });
    throw refusal;
  }
}

function refuseMissing(features: readonly Feature[], kernel: string, options?: ErrorOptions): void {
  for (const feature of features) {
    const finding = toFinding(feature, feature.probe(), kernel);
    if (finding.state === 'missing') throw new UnsupportedError(finding, kernel, options);
  }
}
