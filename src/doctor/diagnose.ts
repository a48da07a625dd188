import { arch, release } from 'node:os';
import { BPFFS, isBpffsMounted } from '../kernel/bpffs.js';
import { FEATURES } from '../kernel/features.js';
import { type Finding, toFinding } from '../kernel/finding.js';
import { LibbpfMissingError, libbpfVersion } from '../kernel/libbpf.js';
import { cgroupMountPoint, mounts } from '../kernel/mounts.js';
import { findConflicts } from './conflicts.js';
import { conclude, type Diagnosis, type Facts } from './diagnosis.js';
import { readKernelSettings } from './settings.js';

/**
 * Looks at everything on this host that TruePeer depends on. It changes nothing, and fails nowhere: what it may not
 * ask, for want of root or of libbpf, is `unknown`.
 */
export function diagnose(): Diagnosis {
  const kernel = release();
  const findings = FEATURES.map((feature) => toFinding(feature, feature.probe(), kernel));
  const cgroup = cgroupMount();
  return conclude({
    kernel: { release: kernel, architecture: arch() },
    libbpf: versionIfInstalled(),
    findings,
    mounts: { cgroup, bpffs: { point: BPFFS, mounted: isBpffsMounted() } },
    settings: readKernelSettings(),
    conflicts: findConflicts(mayUseBpf(findings) ? (cgroup?.point ?? null) : null),
  });
}

function mayUseBpf(findings: readonly Finding[]): boolean {
  return findings.some(({ id, state }) => id === 'bpf' && state === 'present');
}

function cgroupMount(): Facts['mounts']['cgroup'] {
  const all = mounts();
  const point = cgroupMountPoint(all);
  if (point === undefined) return null;
  return { point, layout: all.some(({ type }) => type === 'cgroup') ? 'hybrid' : 'unified' };
}

function versionIfInstalled(): string | null {
  try {
    return libbpfVersion();
  } catch (error) {
    if (error instanceof LibbpfMissingError) return null;
    throw error;
  }
}
