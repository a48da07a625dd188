import type { FetchedKernel } from './fetch.js';
import { runInGuest } from './guest.js';
import { Collector, type KernelResult, type TestResult } from './results.js';

/** Emulated, two guests on two cores: everything takes ten times as long, and now and then thirty. */
const PATIENCE_MS = 150_000;
const SUITES_TIMEOUT_MS = 90 * 60_000;

/** Runs end-to-end tests on a kernel; `onTest` hears of each as it ends, and `onOther` what else the console shows. */
export async function runSuites(
  kernel: FetchedKernel,
  suites: readonly string[],
  onTest: (result: TestResult) => void,
  onOther: (line: string) => void,
): Promise<KernelResult> {
  const collector = new Collector();
  const started = performance.now();
  const result = (problem?: string): KernelResult => ({
    name: kernel.name,
    release: kernel.release,
    features: collector.features,
    tests: collector.tests,
    seconds: Math.round((performance.now() - started) / 1000),
    ...(problem !== undefined && { problem }),
  });
  const onLine = (text: string): void => {
    const test = collector.take(text);
    if (test !== undefined) onTest(test);
    else if (!text.startsWith('@') && text.trim() !== '') onOther(text);
  };
  try {
    const status = await runInGuest(kernel, scriptOf(suites), onLine, SUITES_TIMEOUT_MS);
    const explained = status === 0 || collector.tests.some(({ state }) => state === 'failed');
    return result(explained ? undefined : `no test failed, and yet the tests ended with status ${status}`);
  } catch (error) {
    return result((error as Error).message);
  }
}

/** The checkout lies where it lies on the host. Its status is that of the tests. */
function scriptOf(suites: readonly string[]): string {
  const files = suites.map((suite) => `dist/test/${suite}.e2e.js`).join(' ');
  return `cd '${process.cwd()}'
export TRUEPEER_LAB_PATIENCE_MS=${PATIENCE_MS}
printf '@doctor '; node dist/src/cli/main.js doctor --json | tr -d '\\n'; echo
node dist/src/lab/isolated-main.js node --test --test-concurrency=1 \\
  --test-reporter=./dist/test/kernels/reporter.js --test-reporter-destination=stdout ${files}
`;
}
