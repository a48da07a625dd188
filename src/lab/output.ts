import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import { NotSeenError } from './errors.js';
import { PATIENCE_MS } from './wait.js';

/** What a process wrote so far: as one text, or line by line as it comes. */
export class Output {
  /** Everything written so far. */
  text = '';
  readonly #lines: string[] = [];
  readonly #events = new EventEmitter().setMaxListeners(0);
  #open = 0;

  /** Lines of several streams come in the order in which they were completed. */
  constructor(...streams: readonly Readable[]) {
    for (const stream of streams) this.#follow(stream);
  }

  /** Every line, from the first on, without its newline; ends when the process closed its output. */
  async *lines(signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
    for (let next = 0; ; ) {
      if (next < this.#lines.length) yield this.#lines[next++]!;
      else if (this.#open === 0) return;
      else await once(this.#events, 'change', { ...(signal && { signal }) });
    }
  }

  /**
   * The first line, of those already written and those to come, that matches; its groups are in the
   * result and the whole line is the result's `input`.
   *
   * @throws {NotSeenError} when the output ends, or `timeoutMs` pass, without such a line.
   */
  async waitForLine(pattern: RegExp, timeoutMs: number = PATIENCE_MS): Promise<RegExpMatchArray> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      for await (const line of this.lines(timeout)) {
        const match = line.match(pattern);
        if (match !== null) return match;
      }
    } catch (error) {
      if (!timeout.aborted) throw error;
      throw new NotSeenError(`no line matched ${pattern} within ${timeoutMs} ms; seen:\n${this.text}`);
    }
    throw new NotSeenError(`the output ended without a line that matches ${pattern}; seen:\n${this.text}`);
  }

  #follow(stream: Readable): void {
    let unfinished = '';
    this.#open++;
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      const lines = (unfinished + chunk).split('\n');
      unfinished = lines.pop()!;
      this.#lines.push(...lines);
      this.#events.emit('change');
    });
    stream.once('close', () => {
      if (unfinished !== '') this.#lines.push(unfinished);
      this.#open--;
      this.#events.emit('change');
    });
  }
}
