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

/**
 * Asks the running daemon.
 *
 * @throws {PrivilegeError}
 * @throws {NoDaemonError}
 * @throws {ControlError} where the daemon refuses.
 */
export async function ask<R extends Request>(
  request: R,
  path = CONTROL_SOCKET,
): Promise<Answers[R['command']]> {
  return decodeAnswer<R['command']>(await exchange(request, path));
}

/** The same, or undefined where no daemon listens. */
export async function askIfRunning<R extends Request>(
  request: R,
  path = CONTROL_SOCKET,
): Promise<Answers[R['command']] | undefined> {
  try {
    return await ask(request, path);
  } catch (error) {
    if (error instanceof NoDaemonError) return undefined;
    throw error;
  }
}

async function exchange(request: { readonly command: Command }, path: string): Promise<string> {
  requireRoot('talking to the forwarder daemon');
  const socket = connect(path);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return await text(socket);
  } catch (cause) {
    if (['ENOENT', 'ECONNREFUSED'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw new NoDaemonError({ cause });
    throw cause;
  }
}
