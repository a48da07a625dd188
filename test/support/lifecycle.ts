import { fileURLToPath } from 'node:url';
import { LabProcess } from '../../src/lab/process.js';
import type { ReceiverSettings } from '../../src/receiver/settings.js';
import { formatCidr, parseCidr } from '../../src/wire/index.js';

const CHILD = [process.execPath, fileURLToPath(new URL('lifecycle-child.js', import.meta.url))];

/** All calls by which attach and detach change anything; `?` for those that not every architecture has. */
const CALLS = 'bpf,?mkdir,?mkdirat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir';

/** An attach, or a detach, in a process of its own that stands ready to do it. */
export class Change {
  readonly #process: LabProcess;

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  /** Attaches, or without settings detaches, once it is told to {@link go}. */
  static async prepare(settings?: ReceiverSettings): Promise<Change> {
    const verb = settings === undefined ? ['detach'] : ['attach', encodeSettings(settings)];
    const process = new LabProcess([...CHILD, ...verb]);
    await process.waitForLine(/^ready$/);
    return new Change(process);
  }

  go(): void {
    this.#process.stdin.write('go\n');
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Goes, and is killed with SIGKILL when it is about to make its n-th system call that matters. */
  async goUntilCall(n: number): Promise<string> {
    const trace = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=KILL:when=${n}`];
    const strace = new LabProcess([
      'strace',
      '-f',
      '-o',
      '/dev/null',
      ...trace,
      '-p',
      String(this.#process.pid),
    ]);
    await strace.waitForLine(/ attached/);
    this.go();
    await strace.closed;
    return this.outcome();
  }

  /** What it did: `attached`, `replaced`, `detached`, `nothing to detach`; `killed` where it was. */
  async outcome(): Promise<string> {
    const { status, signal } = await this.#process.closed;
    if (signal === 'SIGKILL') return 'killed';
    if (status !== 0) throw new Error(`ended with status ${status}: ${this.#process.output.text}`);
    return this.#process.stdout.text.trim().split('\n').at(-1)!;
  }
}

/** {@link Change.prepare} and {@link Change.go}, for changes that start at once. */
export async function startChange(settings?: ReceiverSettings): Promise<Change> {
  const change = await Change.prepare(settings);
  change.go();
  return change;
}

function encodeSettings({ trust, ...others }: ReceiverSettings): string {
  return JSON.stringify({ ...others, trust: trust === 'any' ? trust : trust.map(formatCidr) });
}

export function decodeSettings(text: string): ReceiverSettings {
  const { trust, ...others } = JSON.parse(text);
  return { ...others, trust: trust === 'any' ? trust : trust.map(parseCidr) };
}
