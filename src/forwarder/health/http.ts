import http from 'node:http';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { formatEndpoint } from '../../wire/index.js';
import { dial } from './dial.js';
import type { LocalPorts } from './local-ports.js';
import { type Check, reasonOf } from './target.js';

/** What an HTTP check asks for. */
export interface HttpQuestion {
  readonly tls: boolean;
  readonly path: string;
  /** The Host header, and the name that TLS asks for; the backend's address and port unless given. */
  readonly host?: string;
  readonly timeoutMs: number;
  /** Whether a status is that of a healthy backend. */
  readonly expects: (status: number) => boolean;
}

/**
 * A check that asks for a path with GET and looks at the status; the body is not read. A certificate is not verified:
 * that is for the clients to do, who know which name they asked for.
 */
export function httpCheck(ports: LocalPorts, question: HttpQuestion): Check {
  return (target) =>
    dial(target, ports, question.timeoutMs, (socket, end) => {
      const { path, host = formatEndpoint(target), expects } = question;
      const request = http.request({
        createConnection: () => (question.tls ? encrypted(socket, host) : socket),
        path,
        headers: { host, 'user-agent': 'truepeer-health', connection: 'close' },
      });
      request.on('response', ({ statusCode = 0 }) =>
        end(expects(statusCode) ? undefined : `status ${statusCode}`),
      );
      request.on('error', (error) => end(reasonOf(error)));
      request.end();
    });
}

function encrypted(socket: Socket, host: string): tls.TLSSocket {
  const name = host.replace(/:\d+$/, '');
  // Addresses are no server names (RFC 6066, section 3).
  return tls.connect({
    socket,
    rejectUnauthorized: false,
    ...(/[a-z]/i.test(name) && !name.includes(':') && { servername: name }),
  });
}
