import { fileURLToPath } from 'node:url';
import { LabProcess } from '../../src/lab/process.js';
import type { ReceiverSettings } from '../../src/receiver/settings.js';
import { formatCidr, parseCidr } from '../../src/wire/index.js';

/** What a process is to do: attach with these settings, or detach. */
export type Order = ReceiverSettings | 'detach';

/** All calls by which attach and detach change anything; `?` for those that not every architecture has. */
const CALLS = 'bpf,?mkdir,?mkdirat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir';

/** A process that attaches or detaches. */
export class Change {
  readonly #process: LabProcess;

  constructor(process: LabProcess) {
    this.#process = process;
  }

  go(order: Order): void {
    this.#process.stdin.write(encodeOrder(order));
  }

  /** Goes, and is killed with SIGKILL when it is about to make its n-th system call that matters. */
  async goUntilCall(n: number, order: Order): Promise<void> {
    const trace = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=KILL:when=${n}`];
    const pid = String(this.#process.pid);
    const strace = new LabProcess(['strace', '-f', '-o', '/dev/null', ...trace, '-p', pid]);
    await strace.waitForLine(/ attached/);
    this.go(order);
    await strace.closed;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** What it did: `attached`, `replaced`, `detached`, `nothing to detach`; `killed` where it was. */
  async outcome(): Promise<string> {
    const { status, signal } = await this.#process.closed;
    if (signal === 'SIGKILL') return 'killed';
    if (status !== 0) throw new Error(`ended with status ${status}: ${this.#process.output.text}`);
    return this.#process.stdout.text.trim().split('\n').at(-1)!;
  }
}

/** Processes that stand ready to attach or detach: one is always started ahead, for that takes as long as an attach. */
export class Changes implements Disposable {
  #spare = spawnChild();

  async next(): Promise<Change> {
    const ready = this.#spare;
    this.#spare = spawnChild();
    await ready.waitForLine(/^ready$/);
    return new Change(ready);
  }

  /** Starts a change. */
  async start(order: Order): Promise<Change> {
    const change = await this.next();
    change.go(order);
    return change;
  }

  [Symbol.dispose](): void {
    this.#spare.kill('SIGKILL');
  }
}

function spawnChild(): LabProcess {
  return new LabProcess([process.execPath, fileURLToPath(new URL('lifecycle-child.js', import.meta.url))]);
}

function encodeOrder(order: Order): string {
  if (order === 'detach') return JSON.stringify(order);
  const { trust, ...others } = order;
  return JSON.stringify({ ...others, trust: trust === 'any' ? trust : trust.map(formatCidr) });
}

export function decodeOrder(text: string): Order {
  const order = JSON.parse(text);
  if (order === 'detach') return order;
  return { ...order, trust: order.trust === 'any' ? 'any' : order.trust.map(parseCidr) };
}
