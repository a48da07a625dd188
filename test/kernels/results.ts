/** How one test ended. */
export interface TestResult {
  /** The test file's name, without `.e2e.js`. */
  readonly suite: string;
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or failed. */
  readonly why?: string;
  readonly ms: number;
}

/** One feature of `truepeer doctor --json`, as far as it matters here. */
export interface FeatureResult {
  readonly id: string;
  readonly name: string;
  readonly since: string;
  readonly state: 'present' | 'missing' | 'unknown';
  readonly required: boolean;
  readonly detail: string | null;
}

/** What a kernel's run came to. */
export interface KernelResult {
  /** As in KERNELS. */
  readonly name: string;
  /** `uname -r`; undefined where the kernel could not be had. */
  readonly release?: string;
  /** Why it could not be had, or did not come to its end. */
  readonly problem?: string;
  readonly features: readonly FeatureResult[];
  readonly tests: readonly TestResult[];
  readonly seconds: number;
}

const TEST = '@test ';
const DOCTOR = '@doctor ';
const SUITE = /^@suite (started|ended|timeout) (\S+) ?(\d*)$/;

export function line(result: TestResult): string {
  return `\n${TEST}${JSON.stringify(result)}\n`;
}

/** Collects results from what guests of one kernel write on their consoles. */
export class Collector {
  features: readonly FeatureResult[] = [];
  readonly #ended = new Map<string, readonly TestResult[]>();
  #running: { readonly suite: string; readonly tests: TestResult[] } | undefined;

  /** Those of the suites that came to an end. */
  get tests(): readonly TestResult[] {
    return [...this.#ended.values()].flat();
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
    const passed = this.#running?.suite === suite ? this.#running.tests : [];
    this.#ended.set(suite, [...passed, result]);
    this.#running = undefined;
    return result;
  }

  /** Forgets what a suite has come to in a guest that is no more; it is to run again. */
  guestLost(): void {
    this.#running = undefined;
  }

  /** @returns the result in the line, if there is one. */
  take(text: string): TestResult | undefined {
    if (text.startsWith(DOCTOR)) {
      this.features = (JSON.parse(text.slice(DOCTOR.length)) as { findings: FeatureResult[] }).findings;
    } else if (text.startsWith(TEST)) {
      const result = JSON.parse(text.slice(TEST.length)) as TestResult;
      this.#running?.tests.push(result);
      return result;
    }
    const [, event, suite, detail] = SUITE.exec(text) ?? [];
    if (event === undefined || suite === undefined) return undefined;
    if (event === 'started') this.#running = { suite, tests: [] };
    else if (event === 'timeout') return this.giveUp(suite, `it took longer than ${detail} s`);
    else return this.#end(suite, Number(detail));
    return undefined;
  }

  #end(suite: string, status: number): TestResult | undefined {
    const tests = this.#running?.tests ?? [];
    if (tests.length === 0 || (status !== 0 && tests.every(({ state }) => state !== 'failed')))
      return this.giveUp(suite, `no test failed, and yet it ended with status ${status}`);
    this.#ended.set(suite, tests);
    this.#running = undefined;
    return undefined;
  }
}

/** Whether everything that was to be proven on a kernel is. One that cannot be had proves nothing, and breaks nothing. */
export function isGood({ release, problem, tests }: KernelResult): boolean {
  if (release === undefined) return true;
  return problem === undefined && tests.length > 0 && tests.every(({ state }) => state !== 'failed');
}
