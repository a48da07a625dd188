import { CommandError } from './errors.js';
import { LabProcess, type SpawnOptions } from './process.js';

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
  const { input, check = true, timeoutMs = 60_000 } = options;
  command.stdin.end(input);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    command.kill('SIGKILL');
  }, timeoutMs);
  const exit = await command.exit.finally(() => clearTimeout(timer));
  // After a timeout, orphans of the command may hold its output open: do not wait for them.
  const { status, signal } = late ? exit : await command.closed;
  const result = { stdout: command.stdout.text, stderr: command.stderr.text, status };
  if (late || (check && status !== 0)) {
    const end = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
    const reason = late ? `was killed after ${timeoutMs} ms` : end;
    throw new CommandError(command.command, { ...result, reason });
  }
  return result;
}
