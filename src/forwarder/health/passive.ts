/** What the program has counted of one backend. */
export interface BackendCounts {
  readonly established: bigint;
  /** SYNs sent on that expired without an answer. */
  readonly unanswered: bigint;
  /** SYNs answered with a RST. */
  readonly refused: bigint;
}

/** So many connections in a row that a backend does not accept are no accident. */
export const FAILURES_IN_A_ROW = 5;

/**
 * Judges a backend by the connections that clients open to it: it is suspect once several in a row were refused or
 * stayed without an answer.
 */
export class Passive {
  #before: BackendCounts;
  #failures = 0;

  /** @param now what is counted before it begins; that is not judged. */
  constructor(now: BackendCounts) {
    this.#before = now;
  }

  /**
   * Looks again.
   *
   * @returns how many in a row failed, once they are too many; they are forgotten then.
   */
  look(now: BackendCounts): number | undefined {
    const { established, unanswered, refused } = this.#before;
    this.#before = now;
    // In which order they came is not known: one success among them is enough.
    if (now.established !== established) {
      this.#failures = 0;
      return undefined;
    }
    this.#failures += Number(now.unanswered - unanswered + (now.refused - refused));
    if (this.#failures < FAILURES_IN_A_ROW) return undefined;
    const failures = this.#failures;
    this.#failures = 0;
    return failures;
  }
}
