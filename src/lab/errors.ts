/** The laboratory cannot be separated from the host, or something tried to use it without that separation. */
export class IsolationError extends Error {
  override readonly name = 'IsolationError';
}

/** A laboratory description that cannot be built: the message quotes the part that is wrong. */
export class LabSpecError extends Error {
  override readonly name = 'LabSpecError';
}

/** A command that ended with a status other than 0, could not be started, or ran out of time. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** The command line, words separated by spaces. */
  readonly command: string;
  /** Exit status; null when a signal ended the command or it never started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(
    command: string,
    outcome: { reason: string; status: number | null; stdout: string; stderr: string },
    options?: ErrorOptions,
  ) {
    const said = outcome.stderr.trim() || outcome.stdout.trim();
    super(`\`${command}\` ${outcome.reason}${said === '' ? '' : `: ${said}`}`, options);
    this.command = command;
    this.status = outcome.status;
    this.stdout = outcome.stdout;
    this.stderr = outcome.stderr;
  }
}

/** Something awaited did not happen in time, or cannot happen any more. */
export class NotSeenError extends Error {
  override readonly name = 'NotSeenError';
}

/** Part of a laboratory could not be taken down; `errors` has one entry for each failed step. */
export class CleanupError extends AggregateError {
  override readonly name = 'CleanupError';
}
