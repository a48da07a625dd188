import { Collector } from './collector.js';
import { GuestError } from './errors.js';
import type { FetchedKernel } from './fetch.js';
import { runInGuest } from './guest.js';
import type { KernelResult, TestResult } from './results.js';

/** Emulated, two guests on two cores: everything takes ten times as long, and on a busy machine a hundred. */
const PATIENCE_MS = 600_000;
/** What the slowest suite takes in emulation, several times over. */
const SUITE_TIMEOUT_S = 2_400;
const SILENCE_MS = (SUITE_TIMEOUT_S + 120) * 1000;
/** A suite that loses its guest has another go: emulated machines die now and then by themselves. So has a boot. */
const GUESTS_A_SUITE = 2;
/** Of heavy tests, a twentieth is done: an emulated processor is as much slower. */
const SHARE = 0.05;

/** Who hears how a run is going. */
export interface Listener {
  /** A suite begins. */
  suite(name: string): void;
  test(result: TestResult): void;
  /** What else the console shows. */
  other(line: string): void;
}

/** Runs end-to-end tests on a kernel. */
export async function runSuites(
  kernel: FetchedKernel,
  suites: readonly string[],
  listener: Listener,
): Promise<KernelResult> {
  const collector = new Collector();
  const started = performance.now();
  const result = (ending: Pick<KernelResult, 'unavailable' | 'problem'> = {}): KernelResult => ({
    name: kernel.name,
    release: kernel.release,
    features: collector.features,
    tests: collector.tests,
    less: collector.less,
    seconds: Math.round((performance.now() - started) / 1000),
    ...ending,
  });
  const onLine = (text: string): void => {
    const before = collector.running;
    const test = collector.take(text);
    const { running } = collector;
    if (test !== undefined) listener.test(test);
    else if (!text.startsWith('@') && text.trim() !== '') listener.other(text);
    if (running !== undefined && running !== before) listener.suite(running);
  };
  const lost: (string | undefined)[] = [];
  for (;;) {
    const left = suites.filter((suite) => !collector.hasEnded(suite));
    if (left.length === 0) return result();
    const why = await lossOf(runInGuest(kernel, scriptOf(left), onLine, SILENCE_MS));
    const { running } = collector;
    if (why === undefined && running === undefined && collector.hasEnded(left[0]!)) continue;
    const reason = why ?? 'it ended before its time';
    lost.push(running);
    listener.other(`the guest was lost${running === undefined ? '' : ` in ${running}`}: ${reason}`);
    if (lost.filter((suite) => suite === running).length < GUESTS_A_SUITE) collector.guestLost();
    else if (running !== undefined) listener.test(collector.giveUp(running, reason));
    else return result(collector.tests.length === 0 ? { unavailable: reason } : { problem: reason });
  }
}

async function lossOf(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run;
    return undefined;
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    return error.message;
  }
}

/**
 * The checkout lies where it lies on the host, and is run from a place that every user may look into. One isolation is
 * enough for all: a suite that hangs is the last one in its guest. Node itself runs a test file, instead of having
 * another Node run it, because each takes seconds to start.
 */
function scriptOf(suites: readonly string[]): string {
  return `cd '${process.cwd()}'
export TRUEPEER_LAB_PATIENCE_MS=${PATIENCE_MS} TRUEPEER_LAB_SHARE=${SHARE}
printf '@doctor '; node dist/src/cli/main.js doctor --json | tr -d '\\n'; echo
exec node dist/src/lab/isolated-main.js sh -c '
mkdir -p /mnt && mount --bind . /mnt && cd /mnt
for suite in ${suites.join(' ')}; do
  echo "@suite started $suite"
  timeout -k 30 ${SUITE_TIMEOUT_S} node \\
    --test-reporter=./dist/test/kernels/reporter.js --test-reporter-destination=stdout "dist/test/$suite.e2e.js"
  status=$?
  case $status in
    124 | 137) echo "@suite timeout $suite ${SUITE_TIMEOUT_S}"; exit ;;
    *) echo "@suite ended $suite $status" ;;
  esac
done'
`;
}
