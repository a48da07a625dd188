import type { Host } from '../src/lab/host.js';
import type { LabProcess } from '../src/lab/process.js';
import { ADDRESSES } from '../test/support/chain.js';
import { programPath } from '../test/support/load.js';
import { pinned } from './core.js';

/** Requests that wait for each other's turn: enough that nobody ever waits for the network. */
const CONCURRENCY = 32;

/** Asks for the same small answer over new connections: one process, that goes back and forth between servers. */
export class RequestLoad {
  readonly #process: LabProcess;
  readonly #lines: AsyncGenerator<string, void, undefined>;

  /** @param path of the answer. */
  constructor(client: Host, path: string) {
    const args = [ADDRESSES.listen.ipv4, path, '--concurrency', String(CONCURRENCY)];
    this.#process = client.spawn(...pinned(programPath('request-load'), args));
    this.#lines = this.#process.stdout.lines();
  }

  /**
   * Makes so many requests.
   *
   * @returns the microseconds they took, by the clock.
   * @throws {Error} where a single one failed.
   */
  async ask(port: number, count: number): Promise<number> {
    this.#process.stdin.write(`${port} ${count}\n`);
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`${this.#process.command}: ${this.#process.output.text}`);
    return 1e6 * (JSON.parse(value) as { seconds: number }).seconds;
  }
}
