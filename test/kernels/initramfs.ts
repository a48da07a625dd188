import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/lab/run.js';

const INIT = fileURLToPath(new URL('../../../test/kernels/init.sh', import.meta.url));

/** What the guest's root is made of. */
const NEEDED = ['virtio_pci', 'virtiofs', 'overlay'];

/** Packs busybox, `init.sh` and the modules that lead to the host's root into an archive the kernel unpacks. */
export async function initramfs(modulesRoot: string, release: string, archive: string): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'initramfs-'));
  try {
    await mkdir(join(tree, 'bin'));
    await mkdir(join(tree, 'modules'));
    await copyFile('/bin/busybox', join(tree, 'bin/busybox'));
    await symlink('busybox', join(tree, 'bin/sh'));
    await copyFile(INIT, join(tree, 'init'));
    const files: string[] = [];
    for (const path of await modulesInOrder(modulesRoot, release)) {
      const name = basename(path).replace(/\.(xz|zst|gz)$/, '');
      files.push(name);
      await run(['sh', '-c', `${DECOMPRESS} < "$1" > "$2"`, 'sh', path, join(tree, 'modules', name)]);
    }
    await writeFile(join(tree, 'modules/order'), `${files.join('\n')}\n`);
    await run(
      ['sh', '-c', 'chmod 755 init && find . | cpio -o -H newc --quiet | gzip -1 > "$1"', 'sh', archive],
      {
        cwd: tree,
      },
    );
  } finally {
    await rm(tree, { recursive: true });
  }
}

const DECOMPRESS = 'case $1 in *.xz) xz -dc;; *.zst) zstd -dcq;; *.gz) gzip -dc;; *) cat;; esac';

/** The files of the modules that are not built in, each behind those it needs. */
async function modulesInOrder(root: string, release: string): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const name of NEEDED) {
    const { stdout } = await run(['modprobe', '-d', root, '-S', release, '--show-depends', name]);
    for (const [, path] of stdout.matchAll(/^insmod (\S+)/gm)) files.add(path!);
  }
  return [...files];
}
