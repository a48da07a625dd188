import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import koffi from 'koffi';
import { makePinDirectory } from './bpffs.js';
import { KernelError } from './errors.js';

const LOCK_EX = 2;

/**
 * Makes a pin directory if need be and holds an exclusive lock on it, waiting for the lock if need be. The kernel
 * releases it when this is disposed of and when the process ends, however it ends.
 *
 * @throws {PinDirectoryError} where the directory is not root's alone
 * @throws {KernelError}
 */
export function lockPinDirectory(path: string): Disposable {
  for (;;) {
    makePinDirectory(path);
    const fd = openIfThere(path);
    if (fd === undefined) continue;
    const flock = koffi.load(null).func('int flock(int fd, int operation)');
    if (flock(fd, LOCK_EX) !== 0) {
      const errno = koffi.errno();
      closeSync(fd);
      throw new KernelError(`lock ${path}`, errno);
    }
    // While this one waited, whoever held the lock may have removed the directory: then this is the lock of nothing.
    if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino)
      return { [Symbol.dispose]: () => closeSync(fd) };
    closeSync(fd);
  }
}

/** A descriptor of a directory, or undefined where it has just been removed. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
