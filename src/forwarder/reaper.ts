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
    const { backends, services } = this.#tables;
    const idle = new Set<number>();
    const inUse = new Set<number>();
    for (const { number, service, flags } of readBackends(this.#tables)) {
      const isIdle = (flags & BACKEND_FLAGS.removed) !== 0 && backends.word(number, BACKEND.active) === 0;
      if (isIdle && this.#idle.has(number)) {
        backends.setWord(number, BACKEND.flags, 0);
        continue;
      }
      if (isIdle) idle.add(number);
      inUse.add(service);
    }
    this.#idle = idle;
    // Without a port, an entry is not in use.
    for (const service of readServices(this.#tables))
      if (!isOpen(service) && !inUse.has(service.number)) services.setWord(service.number, SERVICE.port, 0);
  }
}
