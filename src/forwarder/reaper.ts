import { isOpen, readBackends, readServices } from './entries.js';
import { BACKEND, BACKEND_FLAGS, SERVICE } from './layout.js';
import type { Tables } from './tables.js';

/**
 * Gives the numbers of removed backends and services free, once their last connection has ended. A backend is looked
 * at twice, at least a while apart: the program may have chosen it before it was removed, and not have counted the
 * connection yet.
 */
export class Reaper {
  readonly #tables: Tables;
  #idle: ReadonlySet<number> = new Set();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Looks again. Once a second is often enough. */
  reap(): void {
    this.#reapBackends();
    const closed = readServices(this.#tables).filter((service) => !isOpen(service));
    if (closed.length === 0) return;
    const inUse = new Set(readBackends(this.#tables).map(({ service }) => service));
    // Without a port, an entry is not in use.
    for (const { number } of closed)
      if (!inUse.has(number)) this.#tables.services.setWord(number, SERVICE.port, 0);
  }

  /** Of the backends, of which there are many, only the flags are read: there seldom is anything to do. */
  #reapBackends(): void {
    const { backends } = this.#tables;
    const idle = new Set<number>();
    for (let number = 1; number < backends.length; number++) {
      if ((backends.word(number, BACKEND.flags) & BACKEND_FLAGS.removed) === 0) continue;
      if (backends.word(number, BACKEND.active) !== 0) continue;
      if (this.#idle.has(number)) backends.setWord(number, BACKEND.flags, 0);
      else idle.add(number);
    }
    this.#idle = idle;
  }
}
