import { mkdirSync, statfsSync } from 'node:fs';
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

/** Makes a directory in bpffs that only root can read or enter. */
export function makePinDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
