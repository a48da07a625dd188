/** How one test ended. */
export interface Outcome {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or failed. */
  readonly why?: string;
  readonly ms: number;
}

/** A test of a suite: the test file's name, without `.e2e.js`. */
export interface TestResult extends Outcome {
  readonly suite: string;
}

/** A suite did only a share of its work: `10 of 100 connections`. */
export interface Less {
  readonly suite: string;
  readonly what: string;
}

/** One feature of `truepeer doctor --json`, as far as it matters here. */
export interface FeatureResult {
  readonly id: string;
  readonly name: string;
  readonly since: string;
  readonly roles: readonly string[];
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
  /** Why nothing could be tried: there is no such kernel here, or no machine that boots it. */
  readonly unavailable?: string;
  /** Why the run did not come to its end. */
  readonly problem?: string;
  readonly features: readonly FeatureResult[];
  readonly tests: readonly TestResult[];
  readonly less: readonly Less[];
  readonly seconds: number;
}

/** Whether everything that was to be proven on a kernel is. One that cannot be had proves nothing, and breaks nothing. */
export function isGood({ unavailable, problem, tests }: KernelResult): boolean {
  if (unavailable !== undefined) return true;
  return problem === undefined && tests.length > 0 && tests.every(({ state }) => state !== 'failed');
}
