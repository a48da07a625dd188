import { existsSync, readdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/lab/run.js';
import { PrivateApt } from './apt.js';
import { initramfs } from './initramfs.js';
import type { Kernel } from './kernels.js';
import { vmlinuxOf } from './vmlinux.js';

/** A kernel that is ready to boot. */
export interface FetchedKernel {
  readonly name: string;
  /** `uname -r`. */
  readonly release: string;
  readonly vmlinux: string;
  readonly initramfs: string;
  /** Its /lib/modules/RELEASE. */
  readonly modules: string;
}

/**
 * Brings a kernel from the machine's Debian mirror into a directory, unless its newest build is there.
 *
 * @throws {KernelUnavailableError}
 */
export async function fetchKernel(kernel: Kernel, directory: string): Promise<FetchedKernel> {
  const apt = await PrivateApt.of(kernel, join(directory, 'apt'));
  const packages = await apt.packagesOf(kernel.metaPackage);
  const home = join(directory, packages[0]!);
  if (!existsSync(home)) {
    const incomplete = `${home}.new`;
    await rm(incomplete, { recursive: true, force: true });
    await apt.unpack(packages, incomplete);
    await prepare(incomplete);
    await rename(incomplete, home);
  }
  const described = describe(home);
  // Anew each time, because our own init is in it.
  await initramfs(modulesRoot(home), described.release, described.initramfs);
  return { name: kernel.name, ...described };
}

/** What takes longer, made once. */
async function prepare(home: string): Promise<void> {
  const { release, modules, vmlinux } = describe(home);
  const image = [join(home, 'boot', `vmlinuz-${release}`), join(modules, 'vmlinuz')].find(existsSync);
  if (image === undefined) throw new Error(`no kernel image in ${home}`);
  await run(['depmod', '-b', modulesRoot(home), release]);
  await writeFile(vmlinux, vmlinuxOf(await readFile(image)));
}

function describe(home: string): Omit<FetchedKernel, 'name'> {
  const modules = join(modulesRoot(home), 'lib/modules');
  const release = readdirSync(modules)[0]!;
  return {
    release,
    vmlinux: join(home, 'vmlinux'),
    initramfs: join(home, 'initramfs.gz'),
    modules: join(modules, release),
  };
}

/** The directory whose lib/modules holds the modules: Debian 13 has moved that below /usr. */
function modulesRoot(home: string): string {
  return existsSync(join(home, 'lib/modules')) ? home : join(home, 'usr');
}
