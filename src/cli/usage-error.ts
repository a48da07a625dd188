/** The command line itself cannot be meant. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What `parse` makes of an option's value.
 *
 * @param flag the option, as `--trust`; the message begins with it.
 * @throws {UsageError}
 */
export function inFlag<T>(flag: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new UsageError(`${flag}: ${(cause as Error).message}`, { cause });
  }
}
