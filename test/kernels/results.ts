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

export function line(result: TestResult): string {
  return `\n${TEST}${JSON.stringify(result)}\n`;
}

/** Collects a guest's results from what it writes on its console. */
export class Collector {
  readonly tests: TestResult[] = [];
  features: readonly FeatureResult[] = [];

  /** @returns the result in the line, if there is one. */
  take(text: string): TestResult | undefined {
    if (text.startsWith(DOCTOR)) {
      this.features = (JSON.parse(text.slice(DOCTOR.length)) as { findings: FeatureResult[] }).findings;
    } else if (text.startsWith(TEST)) {
      const result = JSON.parse(text.slice(TEST.length)) as TestResult;
      this.tests.push(result);
      return result;
    }
    return undefined;
  }
}

/** Whether everything that was to be proven on a kernel is. One that cannot be had proves nothing, and breaks nothing. */
export function isGood({ release, problem, tests }: KernelResult): boolean {
  if (release === undefined) return true;
  return problem === undefined && tests.length > 0 && tests.every(({ state }) => state !== 'failed');
}
