import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import {
  decodeRequest,
  encodeAnswer,
  encodeRefusal,
  REQUEST_BYTES,
  type Request,
} from './control-protocol.js';

/** Does what a request asks for. What it throws is refused with, in its own words. */
export type Handle = (request: Request) => object | Promise<object>;

/**
 * Answers requests on a unix socket that only root can connect to. Whoever calls holds the lock that keeps a second
 * daemon away: a socket that is there was left by one that was killed.
 */
export async function serveControl(path: string, handle: Handle): Promise<Disposable> {
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => converse(socket, handle));
  // The socket is made within this call, and has its mode from the moment that it is there.
  const umask = process.umask(0o177);
  server.listen(path);
  process.umask(umask);
  await once(server, 'listening');
  return {
    [Symbol.dispose]: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

function converse(socket: Socket, handle: Handle): void {
  let text = '';
  const onEnd = () => socket.end();
  const onData = (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= REQUEST_BYTES) return;
    socket.off('data', onData).off('end', onEnd).resume();
    void answer(text.slice(0, end < 0 ? REQUEST_BYTES : end), handle).then((line) => socket.end(line));
  };
  socket.setEncoding('utf8').on('data', onData).on('end', onEnd);
  // Whoever asked has gone: there is nobody to answer.
  socket.on('error', () => {});
}

async function answer(line: string, handle: Handle): Promise<string> {
  try {
    return encodeAnswer(await handle(decodeRequest(line)));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return encodeRefusal(error.message);
  }
}
