import { setTimeout as sleep } from 'node:timers/promises';
import { NotSeenError } from './errors.js';

/**
 * How long anything in the laboratory may take before it counts as failed, in milliseconds. An emulated machine is many
 * times slower, and says so by this variable.
 */
export const PATIENCE_MS = Number(process.env.TRUEPEER_LAB_PATIENCE_MS ?? 60_000);

/**
 * Asks `condition` again and again until it answers something truthy, and returns that.
 *
 * @param what what is awaited, for the error: "nginx to log the request".
 * @throws {NotSeenError} after `timeoutMs`; whatever `condition` throws is passed on at once.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs: number = PATIENCE_MS,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() > deadline) throw new NotSeenError(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(10);
  }
}
