/** What came within so many milliseconds is still worth telling. */
const RECENT_MS = 60_000;

/**
 * Notices segments whose checksum was left to a network card that is not there: connections over such a cable hang, and
 * nobody who looks at them sees why.
 */
export class Unsummed {
  readonly #count: () => bigint;
  #before: bigint;
  #last = Number.NEGATIVE_INFINITY;

  /** @param count how many the program has dropped so far; those from before this are not told. */
  constructor(count: () => bigint) {
    this.#count = count;
    this.#before = count();
  }

  /** Looks again. @returns whether there are some, after there were none for a while. */
  look(now = performance.now()): boolean {
    const before = this.#before;
    this.#before = this.#count();
    // It may be less: that of a service goes with it.
    if (this.#before <= before) return false;
    const isNews = !this.areRecent(now);
    this.#last = now;
    return isNews;
  }

  /** Whether there were some a short while ago. */
  areRecent(now = performance.now()): boolean {
    return now - this.#last < RECENT_MS;
  }
}
