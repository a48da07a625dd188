/** A Debian kernel to test on. */
export interface Kernel {
  /** What one calls it on the command line. */
  readonly name: string;
  /** The label of the archive (its Release file). */
  readonly archive: 'Debian' | 'Debian-Security';
  readonly suite: string;
  /** The meta-package: it depends on the newest build, whose own name changes with every update. */
  readonly metaPackage: string;
}

/** Oldest first. Cloud images are the stock kernels without drivers of hardware that virtual machines lack. */
export const KERNELS: readonly Kernel[] = [
  {
    name: '5.10',
    archive: 'Debian-Security',
    suite: 'bullseye-security',
    metaPackage: 'linux-image-cloud-amd64',
  },
  {
    name: '6.1',
    archive: 'Debian-Security',
    suite: 'bookworm-security',
    metaPackage: 'linux-image-cloud-amd64',
  },
  {
    name: '6.12',
    archive: 'Debian-Security',
    suite: 'bookworm-security',
    metaPackage: 'linux-image-6.12-cloud-amd64',
  },
  { name: 'newest', archive: 'Debian', suite: 'trixie-backports', metaPackage: 'linux-image-cloud-amd64' },
];
