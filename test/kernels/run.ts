import { GuestError } from './errors.js';
import type { FetchedKernel } from './fetch.js';
import { runInGuest } from './guest.js';
import { Collector, type KernelResult, type TestResult } from './results.js';

/** Emulated, two guests on two cores: everything takes ten times as long, and now and then thirty. */
const PATIENCE_MS = 240_000;
/** What the slowest suite takes in emulation, several times over. */
const SUITE_TIMEOUT_S = 1_800;
const SILENCE_MS = (SUITE_TIMEOUT_S + 120) * 1000;
/** A suite that loses its guest has another go: emulated machines die now and then by themselves. */
const GUESTS_A_SUITE = 2;

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
  const lost: (string | undefined)[] = [];
  for (;;) {
    const left = suites.filter((suite) => !collector.hasEnded(suite));
    if (left.length === 0) return result();
    try {
      await runInGuest(kernel, scriptOf(left), onLine, SILENCE_MS);
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      const { running } = collector;
      lost.push(running);
      onOther(`the guest was lost${running === undefined ? '' : ` in ${running}`}: ${error.message}`);
      const again = lost.filter((suite) => suite === running).length < GUESTS_A_SUITE;
      if (again) collector.guestLost();
      else if (running === undefined) return result(error.message);
      else onTest(collector.giveUp(running, error.message));
    }
  }
}

/** The checkout lies where it lies on the host. Each suite has its own time, and leaves nothing to the next one. */
function scriptOf(suites: readonly string[]): string {
  return `cd '${process.cwd()}'
export TRUEPEER_LAB_PATIENCE_MS=${PATIENCE_MS}
printf '@doctor '; node dist/src/cli/main.js doctor --json | tr -d '\\n'; echo
for suite in ${suites.join(' ')}; do
  echo "@suite started $suite"
  timeout -k 30 ${SUITE_TIMEOUT_S} node dist/src/lab/isolated-main.js \\
    node --test --test-concurrency=1 \\
    --test-reporter=./dist/test/kernels/reporter.js --test-reporter-destination=stdout "dist/test/$suite.e2e.js"
  status=$?
  case $status in
    124 | 137) echo "@suite timeout $suite ${SUITE_TIMEOUT_S}" ;;
    *) echo "@suite ended $suite $status" ;;
  esac
done
`;
}
