import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { errnoName, KernelError } from './errors.js';

const LOCK_SH = 1;
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
    if (!tryLock(fd, path, LOCK_EX)) throw new LockedError(path, pidIn(path));
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(fd) };
}

/**
 * The process that holds such a lock; undefined where none does: the file of one that was killed is still there, and its
 * process id may be another's by now.
 *
 * @throws {KernelError}
 */
export function lockHolder(path: string): number | undefined {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    return tryLock(fd, path, LOCK_SH) ? undefined : pidIn(path);
  } finally {
    closeSync(fd);
  }
}

function tryLock(fd: number, path: string, operation: number): boolean {
  const flock = koffi.load(null).func('int flock(int fd, int operation)');
  if (flock(fd, operation | LOCK_NB) === 0) return true;
  const errno = koffi.errno();
  if (errnoName(errno) !== 'EAGAIN') throw new KernelError(`lock ${path}`, errno);
  return false;
}

function pidIn(path: string): number {
  return Number.parseInt(readFileSync(path, 'utf8'), 10);
}
