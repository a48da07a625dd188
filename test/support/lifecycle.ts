import { fileURLToPath } from 'node:url';
import { LabProcess } from '../../src/lab/process.js';
import type { ReceiverSettings } from '../../src/receiver/settings.js';
import { formatCidr, parseCidr } from '../../src/wire/index.js';

/** What a process is to do: attach with these settings, or detach. */
export type Order = ReceiverSettings | 'detach';

/** A script that prints `ready`, takes one order from its standard input, and prints how that ended. */
export interface Script<O> {
  /** In this folder. */
  readonly name: string;
  encode(order: O): string;
}

/** It attaches and detaches a receiver. */
export const RECEIVER_SCRIPT: Script<Order> = { name: 'lifecycle-child.js', encode: encodeOrder };

/** All calls by which attach and detach change anything; `?` for those that not every architecture has. */
const CALLS = 'bpf,?mkdir,?mkdirat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir';

/** A process that attaches or detaches. */
export class Change<O> {
  readonly #process: LabProcess;
  readonly #encode: Script<O>['encode'];

  constructor(process: LabProcess, encode: Script<O>['encode']) {
    this.#process = process;
    this.#encode = encode;
  }

  go(order: O): void {
    this.#process.stdin.write(this.#encode(order));
  }

  /** Goes, and is killed with SIGKILL when it is about to make its n-th system call that matters. */
  async goUntilCall(n: number, order: O): Promise<void> {
    const trace = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=KILL:when=${n}`];
    const pid = String(this.#process.pid);
    const strace = new LabProcess(['strace', '-f', '-o', '/dev/null', ...trace, '-p', pid]);
    await strace.waitForLine(/ attached/);
    this.go(order);
    await strace.closed;
  }

  /** What it printed so far. */
  get output(): LabProcess['output'] {
    return this.#process.output;
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
export class Changes<O> implements Disposable {
  readonly #script: Script<O>;
  #spare: LabProcess;

  constructor(script: Script<O>) {
    this.#script = script;
    this.#spare = spawn(script);
  }

  async next(): Promise<Change<O>> {
    const ready = this.#spare;
    this.#spare = spawn(this.#script);
    await ready.waitForLine(/^ready$/);
    return new Change(ready, this.#script.encode);
  }

  /** Starts a change. */
  async start(order: O): Promise<Change<O>> {
    const change = await this.next();
    change.go(order);
    return change;
  }

  [Symbol.dispose](): void {
    this.#spare.kill('SIGKILL');
  }
}

function spawn({ name }: Script<never>): LabProcess {
  return new LabProcess([process.execPath, fileURLToPath(new URL(name, import.meta.url))]);
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
