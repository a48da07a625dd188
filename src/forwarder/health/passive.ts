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

/** Connections in a row that a backend has not accepted. */
export interface Failures {
  readonly count: number;
  /** Those among them that it has refused, which a client cannot bring about, as it can the others. */
  readonly refused: number;
}

const NONE: Failures = { count: 0, refused: 0 };

/**
 * Judges a backend by the connections that clients open to it: it is suspect once several in a row were refused or
 * stayed without an answer.
 */
export class Passive {
  #before: BackendCounts;
  #failures = NONE;

  /** @param now what is counted before it begins; that is not judged. */
  constructor(now: BackendCounts) {
    this.#before = now;
  }

  /**
   * Looks again.
   *
   * @returns those in a row that failed, once they are too many; they are forgotten then.
   */
  look(now: BackendCounts): Failures | undefined {
    const { established, unanswered, refused } = this.#before;
    this.#before = now;
    // In which order they came is not known: one success among them is enough.
    if (now.established !== established) {
      this.#failures = NONE;
      return undefined;
    }
    const more = Number(now.refused - refused);
    const failures = {
      count: this.#failures.count + Number(now.unanswered - unanswered) + more,
      refused: this.#failures.refused + more,
    };
    const areTooMany = failures.count >= FAILURES_IN_A_ROW;
    this.#failures = areTooMany ? NONE : failures;
    return areTooMany ? failures : undefined;
  }
}
