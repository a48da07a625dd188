/** A distribution to install packages on. */
export interface System {
  readonly name: string;
  readonly suite: string;
  /** Packages that are fetched beforehand: what ours depends on, and what a test installs. */
  readonly fetched: readonly string[];
}

const DEPENDS = ['libbpf1', 'libc6', 'libgcc-s1', 'libstdc++6'];
const BOOTABLE = ['systemd', 'systemd-sysv', 'dbus'];

/** Those of Debian; rpm's own tools run on the newer one. */
export const SYSTEMS: readonly System[] = [
  { name: 'Debian 12', suite: 'bookworm', fetched: [...DEPENDS, ...BOOTABLE] },
  { name: 'Debian 13', suite: 'trixie', fetched: [...DEPENDS, ...BOOTABLE, 'rpm'] },
];

/** Where a clean root is kept from run to run. */
export function archiveOf({ suite }: System): string {
  return `dist/systems/${suite}.tar`;
}
