/**
 * The turns of so many backends, spread evenly over an interval: backend 0 at once, the next one interval/count later,
 * and so on, round and round. Times are milliseconds of any clock that never goes back.
 */
export class Round {
  readonly #count: number;
  readonly #stepMs: number;
  #next: number;
  #dueAt: number;

  /** @param first whose turn it is first: where an earlier round was interrupted. */
  constructor(count: number, intervalMs: number, now: number, first = 0) {
    this.#count = count;
    this.#stepMs = intervalMs / count;
    this.#next = count === 0 ? 0 : first % count;
    this.#dueAt = now;
  }

  /** When it is somebody's turn. */
  get dueAt(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#dueAt;
  }

  /** Whose turn it is next. */
  get position(): number {
    return this.#next;
  }

  /**
   * The number of a backend whose turn has come, which then is taken; undefined where it is nobody's yet. Turns that
   * were not taken in time are made up for, but never more than a whole round of them.
   */
  take(now: number): number | undefined {
    if (this.dueAt > now) return undefined;
    const taken = this.#next;
    this.#next = (taken + 1) % this.#count;
    this.#dueAt = Math.max(this.#dueAt, now - this.#stepMs * this.#count) + this.#stepMs;
    return taken;
  }
}
