import { getSystemErrorMap } from 'node:util';

/** The name of an errno value, such as `EPERM`. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** A call into the kernel failed: which step, with which errno, and what the kernel said about it. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly step: string;
  /** Positive errno value. */
  readonly errno: number;
  /** The verifier's whole log, where there is one. */
  readonly log: string | undefined;

  constructor(step: string, errno: number, log?: string) {
    const telling = log === undefined ? undefined : tellingLine(log);
    super(`${step}: ${errnoName(errno)}${telling === undefined ? '' : ` (${telling})`}`);
    this.step = step;
    this.errno = errno;
    this.log = log;
  }

  /** The errno's name, such as `ENOENT`. */
  get code(): string {
    return errnoName(this.errno);
  }
}

/** The line of a verifier log that says what is wrong: the last one before its statistics. */
function tellingLine(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => line.startsWith('processed '));
  return (end > 0 ? lines[end - 1] : lines.at(-1))?.trim();
}
