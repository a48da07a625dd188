import { closeSync, constants, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
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

/**
 * The process that holds such a lock; undefined where none does: the file of one that was killed is still there, and its
 * process id may be another's by now. Trying to lock it would tell, too, and be in the way of whoever starts just then.
 */
export function lockHolder(path: string): number | undefined {
  const pid = pidIn(path);
  const { ino } = statSync(path);
  const isHeld = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .some((line) => {
      const [, type, , access, holder, file = ''] = line.trim().split(/\s+/);
      return type === 'FLOCK' && access === 'WRITE' && Number(holder) === pid && file.endsWith(`:${ino}`);
    });
  return isHeld ? pid : undefined;
}

function lock(fd: number, path: string): void {
  const flock = koffi.load(null).func('int flock(int fd, int operation)');
  if (flock(fd, LOCK_EX | LOCK_NB) === 0) return;
  const errno = koffi.errno();
  if (errnoName(errno) !== 'EAGAIN') throw new KernelError(`lock ${path}`, errno);
  throw new LockedError(path, pidIn(path));
}

function pidIn(path: string): number {
  return Number.parseInt(readFileSync(path, 'utf8'), 10);
}
