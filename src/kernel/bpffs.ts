import { lstatSync, mkdirSync, statfsSync } from 'node:fs';
import koffi from 'koffi';
import { KernelError } from './errors.js';

/** Where everything of ours is pinned. */
export const BPFFS = '/sys/fs/bpf';

/** BPF_FS_MAGIC of include/uapi/linux/magic.h. */
const BPF_FS_MAGIC = 0xcafe4a11;

export function isBpffsMounted(): boolean {
  try {
    return statfsSync(BPFFS).type === BPF_FS_MAGIC;
  } catch {
    return false;
  }
}

/**
 * Mounts bpffs where it is not yet, readable by root only.
 *
 * @returns whether it had to.
 * @throws {KernelError}
 */
export function ensureBpffs(): boolean {
  if (isBpffsMounted()) return false;
  const mount = koffi
    .load(null)
    .func('int mount(str source, str target, str type, unsigned long flags, str data)');
  if (mount('bpf', BPFFS, 'bpf', 0, 'mode=0700') !== 0)
    throw new KernelError(`mount bpffs on ${BPFFS}`, koffi.errno());
  return true;
}

/** A pin directory that is not root's alone: whoever made it could remove or exchange what is pinned there. */
export class PinDirectoryError extends Error {
  override readonly name = 'PinDirectoryError';
}

/**
 * Makes a directory in bpffs that only root can read or enter, unless it is there.
 *
 * @throws {PinDirectoryError} where it is not root's alone. In a bpffs that was mounted without a mode everybody can
 *   make directories, also under a name that root will look for.
 */
export function makePinDirectory(path: string): void {
  const look = () => lstatSync(path, { throwIfNoEntry: false });
  if (look() === undefined) mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = look();
  // Where nothing is found, somebody who is allowed to has just removed it.
  if (found !== undefined && (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o077) !== 0))
    throw new PinDirectoryError(
      `${path} is not root's alone (user ${found.uid}, mode ${(found.mode & 0o777).toString(8)}), ` +
        `so somebody else could change what is pinned there: remove it with \`rm -r ${path}\``,
    );
}
