import { Round } from './round.js';
import type { Check, Target } from './target.js';

/** Backends that are checked alike. */
export interface Group {
  /** What `told` is called with; the same number again goes on with its round. */
  readonly id: number;
  readonly intervalMs: number;
  readonly check: Check;
  readonly backends: readonly CheckedBackend[];
}

/** A backend to be checked. */
export interface CheckedBackend {
  readonly id: number;
  readonly target: Target;
}

/** A check that is done. */
export interface Checked {
  readonly group: number;
  readonly backend: number;
  /** Undefined where it succeeded. */
  readonly failure: string | undefined;
  readonly seconds: number;
}

/** Open sockets at once, whatever the number of backends: below every usual limit of open files. */
export const AT_ONCE = 512;

/** Checks a second, whatever the number of backends: more would take a whole core from everything else the daemon does. */
export const A_SECOND = 2_000;

/** What is due within so many milliseconds is started together. */
const TICK_MS = 5;

/**
 * Checks backends round and round, each once an interval, spread evenly over it. Where that comes to more checks at
 * once than {@link AT_ONCE}, or to more than {@link A_SECOND}, they wait for one another and rounds take longer.
 */
export class Checker implements Disposable {
  readonly #told: (checked: Checked) => void;
  #rounds: { readonly group: Group; readonly round: Round }[] = [];
  #running = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(told: (checked: Checked) => void) {
    this.#told = told;
  }

  /** Checks these from now on. */
  set(groups: readonly Group[]): void {
    const now = performance.now();
    const longer = slowdownOf(groups);
    const position = new Map(this.#rounds.map(({ group, round }) => [group.id, round.position]));
    this.#rounds = groups.map((group) => ({
      group,
      round: new Round(group.backends.length, group.intervalMs * longer, now, position.get(group.id)),
    }));
    this.#go();
  }

  /** Checks a backend before it is its turn again, unless there are too many checks under way already. */
  checkAtOnce(groupId: number, backend: CheckedBackend): void {
    const group = this.#rounds.find(({ group }) => group.id === groupId)?.group;
    if (group !== undefined && this.#running.size < AT_ONCE) this.#start(group, backend);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #go(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const now = performance.now();
    for (const [at, { group, round }] of this.#rounds.entries()) {
      for (let turn = round.take(now); turn !== undefined; turn = round.take(now)) {
        this.#start(group, group.backends[turn]!);
        if (this.#running.size < AT_ONCE) continue;
        // The first check to end calls again, and then it is the next group's turn.
        this.#rounds = [...this.#rounds.slice(at + 1), ...this.#rounds.slice(0, at + 1)];
        return;
      }
    }
    const dueAt = Math.min(...this.#rounds.map(({ round }) => round.dueAt));
    if (dueAt < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#go(), Math.max(TICK_MS, dueAt - now));
  }

  #start(group: Group, { id, target }: CheckedBackend): void {
    // A check may take longer than the interval.
    if (this.#running.has(id)) return;
    this.#running.add(id);
    const began = performance.now();
    void group.check(target).then((failure) => {
      const waiting = this.#running.size >= AT_ONCE;
      this.#running.delete(id);
      if (this.#closed) return;
      const seconds = (performance.now() - began) / 1_000;
      this.#told({ group: group.id, backend: id, failure, seconds });
      if (waiting) this.#go();
    });
  }
}

/** How many times longer than their interval all rounds take, so that they come to {@link A_SECOND} checks at most. */
export function slowdownOf(groups: readonly Pick<Group, 'intervalMs' | 'backends'>[]): number {
  const wanted = groups.reduce(
    (sum, { intervalMs, backends }) => sum + (1_000 * backends.length) / intervalMs,
    0,
  );
  return Math.max(1, wanted / A_SECOND);
}
