import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { CommandError, NotSeenError } from './errors.js';
import { isListening } from './listeners.js';
import { Output } from './output.js';
import { waitUntil } from './wait.js';

/** How a process ended: one of the two is not null. */
export interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  /** Working directory; this process's own unless given. */
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program. Its standard streams are pipes; `stdin` stays open until it is ended. */
export class LabProcess implements AsyncDisposable {
  /** The command line, for messages. */
  readonly command: string;
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Standard output and standard error, as they came. */
  readonly output: Output;
  /** Resolves when the process has ended. */
  readonly exit: Promise<Exit>;
  /** Resolves when, also, nobody holds its standard output and error any more: all output is here. */
  readonly closed: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;

  /** Starts `wrapper + argv`; messages speak of `argv` only. */
  constructor(argv: readonly string[], options: SpawnOptions = {}, wrapper: readonly string[] = []) {
    this.command = argv.join(' ');
    const [file, ...args] = [...wrapper, ...argv];
    const child = spawn(file!, args, { ...options, env: { ...process.env, ...options.env } });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.stdin = child.stdin;
    this.stdout = new Output(child.stdout);
    this.stderr = new Output(child.stderr);
    this.output = new Output(child.stdout, child.stderr);
    this.exit = this.#ending('exit');
    this.closed = this.#ending('close');
    // A program that does not read its input, or has ended, is no error of the one who writes.
    child.stdin.on('error', () => {});
  }

  /** Whether the process has not ended yet. */
  get running(): boolean {
    return this.pid !== 0 && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** {@link Output.waitForLine} on either standard output or standard error. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray> {
    return this.output.waitForLine(pattern, timeoutMs);
  }

  /**
   * Waits until something listens on a TCP port in the network namespace of this process. Nothing connects.
   *
   * @throws {NotSeenError} when the process ends first, with what it wrote, or after `timeoutMs`.
   */
  async waitForPort(port: number, timeoutMs?: number): Promise<void> {
    await waitUntil(
      `a listener on port ${port} of \`${this.command}\``,
      async () => {
        const tables = await Promise.all(
          ['tcp', 'tcp6'].map((table) => readFile(`/proc/${this.pid}/net/${table}`, 'utf8').catch(() => '')),
        );
        if (isListening(tables.join(''), port)) return true;
        if (this.running) return false;
        await this.closed;
        throw new NotSeenError(
          `\`${this.command}\` ended before it listened on port ${port}:\n${this.output.text}`,
        );
      },
      timeoutMs,
    );
  }

  /** Sends a signal; does nothing when the process has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** SIGTERM, and SIGKILL if it still runs after `graceMs`; resolves when it has ended. */
  async stop(graceMs: number = 2_000): Promise<Exit> {
    this.kill('SIGTERM');
    const grace = setTimeout(() => this.kill('SIGKILL'), graceMs);
    try {
      return await this.exit;
    } finally {
      clearTimeout(grace);
    }
  }

  /** SIGKILL, and no more interest in what it or its orphans may still write: nothing waits for them. */
  abandon(): void {
    this.kill('SIGKILL');
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #ending(event: 'exit' | 'close'): Promise<Exit> {
    const ending = once(this.#child, event).then(
      ([status, signal]) => ({ status, signal }) as Exit,
      (cause: Error) => {
        const reason = `could not be started (${cause.message})`;
        throw new CommandError(this.command, { reason, status: null, stdout: '', stderr: '' }, { cause });
      },
    );
    // Whoever is interested awaits it; a process nobody asks about must not bring the program down.
    ending.catch(() => {});
    return ending;
  }
}
