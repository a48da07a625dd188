import { fileURLToPath } from 'node:url';
import type { Host } from '../../src/lab/host.js';
import type { LabProcess } from '../../src/lab/process.js';

const CHILD = fileURLToPath(new URL('puppet-child.js', import.meta.url));

/** One end of TCP connections that does as it is told, step by step. */
export class Puppet {
  readonly #process: LabProcess;
  readonly #lines: AsyncGenerator<string, void, undefined>;

  private constructor(process: LabProcess) {
    this.#process = process;
    this.#lines = process.stdout.lines();
  }

  /** Accepts connections, one after the other, on every address of a host. */
  static async listen(host: Host, port: number): Promise<Puppet> {
    const process = host.node(CHILD, ['listen', String(port)]);
    await process.waitForPort(port);
    return new Puppet(process);
  }

  static connect(host: Host, address: string, port: number, localPort: number): Puppet {
    return new Puppet(host.node(CHILD, ['connect', address, String(port), String(localPort)]));
  }

  /** `send BYTES`, `end` or `reset`. */
  tell(command: string): void {
    this.#process.stdin.write(`${command}\n`);
  }

  /** What happened next, without its first word, which must be this one. */
  async says(word: string): Promise<string> {
    const { value } = await this.#lines.next();
    if (value?.split(' ')[0] !== word)
      throw new Error(`expected "${word}", and ${value ?? 'the end'} came:\n${this.#process.output.text}`);
    return value.slice(word.length + 1);
  }
}
