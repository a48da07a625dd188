const LOOKS = 5;

/**
 * Reads what the kernel says of what is attached, and reads it again where another process exchanged that meanwhile:
 * what one was about to look at is gone then.
 *
 * @throws what the reading throws; where something is gone each time, that.
 */
export function lookAgain<T>(read: () => T): T {
  for (let look = 1; ; look++) {
    try {
      return read();
    } catch (error) {
      if (look === LOOKS || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
