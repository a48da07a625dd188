import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/lab/run.js';
import { mirrorOf } from '../kernels/apt.js';
import { vmlinuxOf } from '../kernels/vmlinux.js';
import { furnish } from './furnish.js';
import type { Release } from './releases.js';

/** A system that can be booted; what it writes stays on the disk, until it is disposed of. */
export interface Disk extends AsyncDisposable {
  readonly image: string;
  readonly vmlinux: string;
  readonly initramfs: string;
}

/** What the tests need besides Debian's essential packages; the rest is what truepeer depends on. */
const PACKAGES = [
  ...[
    'systemd-sysv',
    'dbus',
    'udev',
    'linux-image-cloud-amd64',
    'zstd',
    'sudo',
    'procps',
    'iproute2',
    'libbpf1',
  ],
  // Debootstrap does not find who provides what podman needs (container-network-stack).
  ...['nginx', 'haproxy', 'podman', 'crun', 'netavark'],
];
const SIZE = '3G';
const INSTALL_MS = 1_800_000;

/**
 * A fresh disk with a clean Debian on it. The system is installed once by debootstrap, and kept.
 *
 * @param directory where systems are kept from run to run.
 * @param purpose a name for this disk.
 */
export async function freshDisk(release: Release, directory: string, purpose: string): Promise<Disk> {
  const root = join(directory, `debian-${release.name}`);
  if (!existsSync(root)) await install(release, root);
  await furnish(root);
  const file = (name: string): string => join(directory, `${purpose}-${release.name}.${name}`);
  const image = file('ext4');
  const vmlinux = file('vmlinux');
  await writeFile(vmlinux, vmlinuxOf(await readFile(bootFile(root, 'vmlinuz-'))));
  await rm(image, { force: true });
  await run(['mke2fs', '-q', '-t', 'ext4', '-d', root, image, SIZE], { timeoutMs: INSTALL_MS });
  return {
    image,
    vmlinux,
    initramfs: bootFile(root, 'initrd.img-'),
    [Symbol.asyncDispose]: async () => {
      for (const each of [image, vmlinux]) await rm(each, { force: true });
    },
  };
}

async function install({ suite }: Release, root: string): Promise<void> {
  const incomplete = `${root}.new`;
  await rm(incomplete, { recursive: true, force: true });
  await mkdir(incomplete, { recursive: true });
  const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`];
  await run(['debootstrap', ...options, suite, incomplete, await mirrorOf('Debian')], {
    timeoutMs: INSTALL_MS,
  });
  await rename(incomplete, root);
}

function bootFile(root: string, prefix: string): string {
  const boot = join(root, 'boot');
  return join(boot, readdirSync(boot).find((name) => name.startsWith(prefix))!);
}
