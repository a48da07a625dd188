import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { requireRoot } from '../kernel/privilege.js';
import { type Answers, type Command, decodeAnswer, type Request } from './control-protocol.js';
import { CONTROL_SOCKET } from './runtime.js';

/** No daemon listens. */
export class NoDaemonError extends Error {
  override readonly name = 'NoDaemonError';

  constructor(options?: ErrorOptions) {
    super(
      'no forwarder daemon is running: start it with `truepeer forwarder run --config FILE` ' +
        '(what it set up before forwards on without it)',
      options,
    );
  }
}

/** A daemon listens, and says nothing. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(afterMs: number) {
    super(
      `the forwarder daemon has not answered within ${afterMs / 1_000} s: start it anew, and see its log ` +
        '(what it set up before forwards on)',
    );
  }
}

/**
 * How long an answer may take. A daemon tells its health at once, unless it is stopped or hangs; a change waits for those
 * before it, each of which asks for the routes to tens of thousands of backends at worst.
 */
const PATIENCE_MS = { health: 10_000, change: 120_000 } as const;

/**
 * Asks the running daemon.
 *
 * @throws {PrivilegeError}
 * @throws {NoDaemonError}
 * @throws {NoAnswerError}
 * @throws {ControlError} where the daemon refuses.
 */
export async function ask<R extends Request>(
  request: R,
  path = CONTROL_SOCKET,
  patienceMs: number = request.command === 'health' ? PATIENCE_MS.health : PATIENCE_MS.change,
): Promise<Answers[R['command']]> {
  return decodeAnswer<R['command']>(await exchange(request, path, patienceMs));
}

/** What the daemon says of itself; `absent` where none listens, `silent` where it does not answer. */
export async function askHealth(
  path = CONTROL_SOCKET,
  patienceMs?: number,
): Promise<Answers['health'] | 'absent' | 'silent'> {
  try {
    return await ask({ command: 'health' }, path, patienceMs);
  } catch (error) {
    if (error instanceof NoDaemonError) return 'absent';
    if (error instanceof NoAnswerError) return 'silent';
    throw error;
  }
}

async function exchange(
  request: { readonly command: Command },
  path: string,
  patienceMs: number,
): Promise<string> {
  requireRoot('talking to the forwarder daemon');
  const socket = connect(path);
  socket.setTimeout(patienceMs, () => socket.destroy(new NoAnswerError(patienceMs)));
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return await text(socket);
  } catch (cause) {
    if (['ENOENT', 'ECONNREFUSED'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw new NoDaemonError({ cause });
    throw cause;
  }
}
