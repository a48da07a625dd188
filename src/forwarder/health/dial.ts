import { connect, type Socket } from 'node:net';
import type { LocalPorts } from './local-ports.js';
import { reasonOf, type Target } from './target.js';

/** What is asked of a backend once it is connected: it ends with why the answer is no good, if it is not. */
export type Ask = (socket: Socket, end: (failure?: string) => void) => void;

/**
 * Connects to a backend, asks, and ends the connection by a RST: that leaves no TIME_WAIT behind, of which tens of
 * thousands of checks would fill the ports. It never rejects.
 */
export async function dial(
  target: Target,
  ports: LocalPorts,
  timeoutMs: number,
  ask: Ask,
): Promise<string | undefined> {
  for (;;) {
    const localPort = ports.take();
    const outcome = await dialFrom(localPort, target, timeoutMs, ask);
    // Another program listens on that port: it is left to it.
    if (outcome === PORT_TAKEN && localPort !== undefined) continue;
    ports.giveBack(localPort);
    return outcome;
  }
}

const PORT_TAKEN = 'no free local port';

function dialFrom(
  localPort: number | undefined,
  { address, port }: Target,
  timeoutMs: number,
  ask: Ask,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...(localPort !== undefined && { localPort }) });
    const end = (failure?: string) => {
      clearTimeout(timer);
      socket.resetAndDestroy();
      resolve(failure);
    };
    // Where this process was busy meanwhile, an answer may be here that it has not looked at yet: that comes first.
    const timer = setTimeout(() => setImmediate(end, `no answer within ${timeoutMs} ms`), timeoutMs);
    socket.once('connect', () => ask(socket, end));
    // Not once: what comes after the answer must not end the process.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'EADDRINUSE' ? PORT_TAKEN : reasonOf(error)),
    );
  });
}
