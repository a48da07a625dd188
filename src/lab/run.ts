import { CommandError } from './errors.js';
import { LabProcess, type SpawnOptions } from './process.js';
import { PATIENCE_MS } from './wait.js';

export interface RunOptions extends SpawnOptions {
  /** Given on standard input, which is empty otherwise. */
  readonly input?: string | Uint8Array;
  /** `false`: a status other than 0 is a result, not an error. */
  readonly check?: boolean;
  /** The command is killed after so many milliseconds; a minute unless given. */
  readonly timeoutMs?: number;
}

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; null when a signal ended the command (only with `check: false`). */
  readonly status: number | null;
}

/**
 * Runs a command here, to its end.
 *
 * @throws {CommandError} unless its exit status is 0 (or `check` is false); always on a timeout.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  return finish(new LabProcess(argv, options), options);
}

/** Feeds a process just started, waits for its end, and checks that. */
export async function finish(command: LabProcess, options: RunOptions): Promise<Result> {
  const { input, check = true, timeoutMs = 4 * PATIENCE_MS } = options;
  command.stdin.end(input);
  const fail = (reason: string, status: number | null): never => {
    const { stdout, stderr } = command;
    throw new CommandError(command.command, { reason, status, stdout: stdout.text, stderr: stderr.text });
  };
  const exit = await within(timeoutMs, command.closed);
  if (exit === undefined) {
    command.abandon();
    return fail(`was killed after ${timeoutMs} ms`, null);
  }
  const { status, signal } = exit;
  if (check && signal !== null) fail(`was ended by ${signal}`, null);
  if (check && status !== 0) fail(`ended with status ${status}`, status);
  return { stdout: command.stdout.text, stderr: command.stderr.text, status };
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
