import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** iproute2's `ip` is missing, or failed as a whole. */
export class IpError extends Error {
  override readonly name = 'IpError';
}

/**
 * Runs `ip` on several commands at once.
 *
 * @param options such as `-json`
 * @param commands each as it would stand behind `ip`; those that fail do not keep the others from being run.
 * @returns what they print, in their order, and what those say that fail.
 * @throws {IpError} where there is no `ip`, or somebody ends it.
 */
export async function ipBatch(
  options: readonly string[],
  commands: readonly string[],
): Promise<{ readonly output: string; readonly errors: string }> {
  const child = spawn('ip', [...options, '-force', '-batch', '-'], { stdio: 'pipe' });
  const ended = once(child, 'close').catch((cause: Error) => {
    throw new IpError(`cannot run \`ip\` (${cause.message}): install iproute2`, { cause });
  });
  child.stdin.on('error', () => {}).end(commands.map((command) => `${command}\n`).join(''));
  const [output, errors, [, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (signal !== null) throw new IpError(`\`ip\` was ended by ${signal}`);
  return { output, errors };
}
