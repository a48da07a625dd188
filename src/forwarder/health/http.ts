import http, { type RequestOptions } from 'node:http';
import https from 'node:https';
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
export function httpCheck({ tls, path, host, timeoutMs, expects }: HttpQuestion): Check {
  return ({ address, port }) =>
    new Promise((resolve) => {
      const options: RequestOptions = {
        host: address,
        port,
        path,
        agent: false,
        headers: { 'user-agent': 'truepeer-health', connection: 'close', ...(host && { host }) },
      };
      const request = tls
        ? https.request({ ...options, rejectUnauthorized: false, ...(host && { servername: nameOf(host) }) })
        : http.request(options);
      const end = (failure?: string) => {
        clearTimeout(timer);
        request.destroy();
        resolve(failure);
      };
      const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
      request.on('response', ({ statusCode = 0 }) =>
        end(expects(statusCode) ? undefined : `status ${statusCode}`),
      );
      request.on('error', (error) => end(reasonOf(error)));
      request.end();
    });
}

/** A Host header without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}
