import { connect } from 'node:net';
import { type Check, reasonOf } from './target.js';

/**
 * A check that connects, and no more. The connection is ended by a RST: it leaves no TIME_WAIT behind, of which tens
 * of thousands of checks would otherwise fill the ports.
 */
export function tcpCheck(timeoutMs: number): Check {
  return ({ address, port }) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const end = (failure?: string) => {
        clearTimeout(timer);
        socket.resetAndDestroy();
        resolve(failure);
      };
      const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
      socket.once('connect', () => end());
      // Not once: what comes after the answer must not end the process.
      socket.on('error', (error) => end(reasonOf(error)));
    });
}
