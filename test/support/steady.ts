import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../src/lab/host.js';
import type { LabProcess } from '../../src/lab/process.js';
import { waitUntil } from '../../src/lab/wait.js';
import { amount } from './amount.js';

const CHILD = fileURLToPath(new URL('steady-child.js', import.meta.url));

/** So that they do not keep a slow processor from everything else. */
const EXCHANGES_A_SECOND = amount(40, 'exchanges a second on each connection that stays');

/** Starts what {@link Steady} talks to. */
export async function serveSteady(host: Host, port: number): Promise<LabProcess> {
  const server = host.node(CHILD, ['listen', String(port)]);
  await server.waitForPort(port);
  return server;
}

/** Connections that stay, and on which something is always under way. */
export class Steady {
  readonly count: number;
  readonly #process: LabProcess;
  readonly #lines: AsyncGenerator<string, void, undefined>;

  private constructor(process: LabProcess, count: number) {
    this.#process = process;
    this.#lines = process.stdout.lines();
    this.count = count;
  }

  /** Opens so many, all of which then are there. */
  static async open(host: Host, address: string, port: number, count: number): Promise<Steady> {
    const pause = String(1000 / EXCHANGES_A_SECOND);
    const steady = new Steady(host.node(CHILD, ['connect', address, `${port}`, `${count}`, pause]), count);
    await waitUntil(`${count} connections`, async () => (await steady.report()).alive === count);
    return steady;
  }

  async report(): Promise<{ alive: number; exchanges: number; wrong: number }> {
    this.#process.stdin.write('\n');
    const { value } = await this.#lines.next();
    assert.ok(value !== undefined, this.#process.output.text);
    return JSON.parse(value);
  }

  /** From now on, each of them exchanges something more (on average), none is lost, and nothing is garbled. */
  async assertUsed(when: string): Promise<void> {
    const { exchanges } = await this.report();
    const { alive, wrong } = await waitUntil(`exchanges ${when}`, async () => {
      const now = await this.report();
      return (now.exchanges >= exchanges + 5 * this.count || now.alive < this.count) && now;
    });
    assert.deepEqual(
      { alive, wrong },
      { alive: this.count, wrong: 0 },
      `${when}: ${this.#process.stderr.text}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }
}
