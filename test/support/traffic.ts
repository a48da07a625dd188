import assert from 'node:assert/strict';
import type { LabProcess } from '../../src/lab/process.js';
import type { Chain } from './chain.js';
import { allOk, reportOf, serve, startLoad } from './load.js';

/** Connections that stay. */
export const KEPT = 40;
const NEW = 20;
const PORTS = { kept: 8001, fresh: 8002 } as const;

/** What users would notice of a change: connections that stay open throughout, and new ones. All come tagged. */
export class Traffic {
  readonly #chain: Chain;
  readonly #server: LabProcess;
  readonly #clients: LabProcess;
  readonly #answers: AsyncGenerator<string, void, undefined>;

  private constructor(chain: Chain, server: LabProcess, clients: LabProcess) {
    this.#chain = chain;
    this.#server = server;
    this.#clients = clients;
    this.#answers = server.stdout.lines();
  }

  /** Opens the connections that stay. The receiver must be attached. */
  static async start(chain: Chain): Promise<Traffic> {
    await serve(chain.backend, 'peername-server', PORTS.fresh);
    const server = await serve(chain.backend, 'keep-peers', PORTS.kept, [String(KEPT)]);
    const clients = startLoad(chain, { family: 'ipv4', port: PORTS.kept, count: KEPT });
    await server.waitForLine(/^holding/);
    const traffic = new Traffic(chain, server, clients);
    while (!(await traffic.#answer()).startsWith('holding'));
    return traffic;
  }

  /** How many of the connections that stay have the peer they began with, and how many another. */
  async kept(): Promise<{ same: number; changed: number; gone: number }> {
    this.#server.stdin.write('again\n');
    const { same, changed, gone } = JSON.parse(await this.#answer());
    return { same, changed, gone };
  }

  /** Every connection that stays has the peer it began with. */
  async checkKept(): Promise<void> {
    assert.deepEqual(await this.kept(), { same: KEPT, changed: 0, gone: 0 });
  }

  /** Every new connection shows its client. */
  async checkNew(): Promise<void> {
    const load = startLoad(this.#chain, { family: 'ipv6', port: PORTS.fresh, count: NEW });
    assert.deepEqual(await reportOf(load), allOk(NEW));
  }

  /** Ends the connections that stayed. Each client is told who it is, and compares. */
  async end(): Promise<void> {
    this.#server.stdin.end();
    assert.deepEqual(await reportOf(this.#clients), allOk(KEPT));
  }

  async #answer(): Promise<string> {
    const { value } = await this.#answers.next();
    assert.ok(value !== undefined, this.#server.output.text);
    return value;
  }
}
