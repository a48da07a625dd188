import { NotSeenError } from './errors.js';
import { PATIENCE_MS } from './wait.js';

interface Waiter<T> {
  readonly wanted: (item: T) => boolean;
  readonly take: (item: T) => void;
}

/** What arrived and nobody took yet, and who waits for what. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();

  /** Gives an arrival to whoever waits for it first, or keeps it. */
  push(item: T): void {
    for (const waiter of this.#waiters) {
      if (!waiter.wanted(item)) continue;
      this.#waiters.delete(waiter);
      waiter.take(item);
      return;
    }
    this.#items.push(item);
  }

  /**
   * Takes the oldest item that is wanted, among those kept and those to come.
   *
   * @throws {NotSeenError} after `timeoutMs`; `what` says in it what was awaited.
   */
  next(what: string, wanted: (item: T) => boolean, timeoutMs: number = PATIENCE_MS): Promise<T> {
    const index = this.#items.findIndex(wanted);
    if (index >= 0) return Promise.resolve(this.#items.splice(index, 1)[0]!);
    return new Promise((resolve, reject) => {
      const waiter = {
        wanted,
        take: (item: T): void => {
          clearTimeout(timer);
          resolve(item);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new NotSeenError(`waited ${timeoutMs} ms in vain for ${what}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
