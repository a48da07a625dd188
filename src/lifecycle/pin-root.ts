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
