import type { FeatureResult, Less, Outcome, TestResult } from './results.js';

const TEST = '@test ';
const DOCTOR = '@doctor ';
/** Written by test/support/amount.ts. */
const LESS = '@less ';
const SUITE = /^@suite (started|ended|timeout) (\S+) ?(\d*)$/;

/** On a line of its own, whatever else was written to the console. */
export function line(outcome: Outcome): string {
  return `\n${TEST}${JSON.stringify(outcome)}\n`;
}

interface Suite {
  readonly suite: string;
  readonly tests: TestResult[];
  readonly less: Less[];
}

/** Collects results from what guests of one kernel write on their consoles. */
export class Collector {
  features: readonly FeatureResult[] = [];
  readonly #ended = new Map<string, Suite>();
  #running: Suite | undefined;

  /** Those of the suites that came to an end. */
  get tests(): readonly TestResult[] {
    return [...this.#ended.values()].flatMap(({ tests }) => tests);
  }

  /** What they did only a share of. */
  get less(): readonly Less[] {
    return [...this.#ended.values()].flatMap(({ less }) => less);
  }

  /** The suite that has begun, and not ended. */
  get running(): string | undefined {
    return this.#running?.suite;
  }

  hasEnded(suite: string): boolean {
    return this.#ended.has(suite);
  }

  /** A suite that will not end counts as one failed test. */
  giveUp(suite: string, why: string): TestResult {
    const result: TestResult = { suite, name: 'the whole suite', state: 'failed', why, ms: 0 };
    const { tests, less } = this.#running?.suite === suite ? this.#running : { tests: [], less: [] };
    this.#end({ suite, tests: [...tests, result], less });
    return result;
  }

  /** Forgets what a suite has come to in a guest that is no more; it is to run again. */
  guestLost(): void {
    this.#running = undefined;
  }

  /**
   * A line that is not what it begins as, because something else was written into it, tells nothing: a suite of which
   * a failure was lost that way has failed by its exit status.
   *
   * @returns the result in the line, if there is one.
   */
  take(text: string): TestResult | undefined {
    if (text.startsWith(DOCTOR)) {
      this.features = parsed<{ findings: FeatureResult[] }>(text.slice(DOCTOR.length))?.findings ?? [];
    } else if (text.startsWith(TEST)) {
      const outcome = parsed<Outcome>(text.slice(TEST.length));
      if (outcome === undefined || this.#running === undefined) return undefined;
      const result = { suite: this.#running.suite, ...outcome };
      this.#running.tests.push(result);
      return result;
    } else if (text.startsWith(LESS) && this.#running !== undefined) {
      this.#running.less.push({ suite: this.#running.suite, what: text.slice(LESS.length) });
    }
    const [, event, suite, detail] = SUITE.exec(text) ?? [];
    if (event === undefined || suite === undefined) return undefined;
    if (event === 'started') this.#running = { suite, tests: [], less: [] };
    else if (event === 'timeout') return this.giveUp(suite, `it took longer than ${detail} s`);
    else return this.#judge(suite, Number(detail));
    return undefined;
  }

  #judge(suite: string, status: number): TestResult | undefined {
    const { tests } = this.#running ?? { tests: [] };
    if (tests.length === 0 || (status !== 0 && tests.every(({ state }) => state !== 'failed')))
      return this.giveUp(suite, `no test failed, and yet it ended with status ${status}`);
    this.#end(this.#running!);
    return undefined;
  }

  #end(suite: Suite): void {
    this.#ended.set(suite.suite, suite);
    this.#running = undefined;
  }
}

function parsed<T>(json: string): T | undefined {
  try {
    return JSON.parse(json) as T;
  } catch {
    return undefined;
  }
}
