import { setTimeout } from 'node:timers/promises';

/** Waits so many milliseconds, or until the signal: an abort ends the wait early and throws nothing. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal }).catch(() => {});
}
