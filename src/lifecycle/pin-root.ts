import { readdirSync, rmdirSync } from 'node:fs';
import { lockPinDirectory } from '../kernel/lock.js';
import { PIN_ROOT } from './plan.js';

/**
 * Keeps everybody else from attaching, changing and detaching, and waits for whoever does so. Where nothing is pinned when
 * this is disposed of, no directory stays either.
 *
 * @throws {PinDirectoryError}
 * @throws {KernelError}
 */
export function lockPinRoot(): Disposable {
  const lock = lockPinDirectory(PIN_ROOT);
  return {
    [Symbol.dispose]: () => {
      if (readdirSync(PIN_ROOT).length === 0) rmdirSync(PIN_ROOT);
      lock[Symbol.dispose]();
    },
  };
}

/** The names below it. */
export function pinnedNames(): string[] {
  return namesIn(PIN_ROOT);
}

/** The names in a directory; none where there is no such directory, or where a detach has just removed it. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
