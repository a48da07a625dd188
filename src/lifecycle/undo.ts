/**
 * Undoes the steps of a change that failed, the last one first. One that cannot be undone does not keep the others from
 * being undone.
 *
 * @returns what is to be thrown: why the change failed. What could not be undone is its cause, beside the one it had.
 */
export function undone(error: unknown, steps: readonly (() => void)[]): unknown {
  const failures = [...steps].reverse().flatMap(failureOf);
  if (failures.length > 0 && error instanceof Error)
    error.cause = new AggregateError(
      error.cause === undefined ? failures : [error.cause, ...failures],
      'what had been changed could not all be put back',
    );
  return error;
}

function failureOf(step: () => void): unknown[] {
  try {
    step();
    return [];
  } catch (failure) {
    return [failure];
  }
}
