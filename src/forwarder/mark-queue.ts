import type { Mark } from './mark.js';

/** What comes within so many milliseconds is written together. */
const GATHER_MS = 50;

/** Schedules of many backends take long to write: then it is done less often, and takes this share of the time at most. */
const SHARE = 0.2;

/** Gathers marks, of which whole racks of backends make hundreds at once, and writes them soon. */
export class MarkQueue implements Disposable {
  readonly #write: (marks: readonly Mark[]) => void;
  readonly #waiting = new Map<number, Mark>();
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(write: (marks: readonly Mark[]) => void) {
    this.#write = write;
  }

  add(mark: Mark): void {
    this.#waiting.set(mark.backend, { ...this.#waiting.get(mark.backend), ...mark });
    this.#timer ??= setTimeout(() => this.flush(), Math.max(GATHER_MS, this.#lastMs / SHARE));
  }

  /** Writes what is waiting, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const marks = [...this.#waiting.values()];
    this.#waiting.clear();
    const before = performance.now();
    this.#write(marks);
    this.#lastMs = performance.now() - before;
  }

  [Symbol.dispose](): void {
    this.flush();
  }
}
