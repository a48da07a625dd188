import { closeSync } from 'node:fs';
import { KernelError } from './errors.js';

/** A kernel object held by file descriptor. Closing it lets go of the object; what is pinned or attached stays. */
export class Descriptor implements Disposable {
  readonly fd: number;
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.fd);
  }
}

/**
 * Passes on what a libbpf function returned.
 *
 * @throws {KernelError} where that is a negative errno.
 */
export function checked(step: string, result: number): number {
  if (result < 0) throw new KernelError(step, -result);
  return result;
}
