import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { errnoName, KernelError } from './errors.js';

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Another process holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`process ${pid} holds ${path}`);
    this.pid = pid;
  }
}

/**
 * Takes a lock that only one process can hold, and writes the process id into its file. The kernel releases it when
 * this is disposed of and when the process ends, however it ends. The file stays: to remove it would let two processes
 * lock two files of the same name.
 *
 * @throws {LockedError} at once, where another process holds it
 * @throws {KernelError}
 */
export function holdLockFile(path: string): Disposable {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    lock(fd, path);
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(fd) };
}

function lock(fd: number, path: string): void {
  const flock = koffi.load(null).func('int flock(int fd, int operation)');
  if (flock(fd, LOCK_EX | LOCK_NB) === 0) return;
  const errno = koffi.errno();
  if (errnoName(errno) !== 'EAGAIN') throw new KernelError(`lock ${path}`, errno);
  throw new LockedError(path, Number.parseInt(readFileSync(path, 'utf8'), 10));
}
