import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Registry } from 'prom-client';
import { MetricsAddressError } from '../forwarder/metrics.js';
import { type Endpoint, formatEndpoint } from '../wire/index.js';

/** The text of all metrics, piece by piece; undefined where there is nothing to tell yet. */
export type Expose = () => AsyncIterable<string> | undefined;

/** More than so many at once are hung up on, and so is who does not take the answer for so long. */
const CONNECTIONS = 16;
const IDLE_MS = 30_000;

/**
 * Answers `GET /metrics` over HTTP, to whoever can reach the address.
 *
 * @throws {MetricsAddressError}
 */
export async function listen(
  { address, port }: Required<Endpoint>,
  expose: Expose,
  onFailure: (error: unknown) => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, expose).catch(onFailure);
  });
  server.maxConnections = CONNECTIONS;
  server.timeout = IDLE_MS;
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const where = formatEndpoint({ address, port });
    throw new MetricsAddressError(`metrics cannot be served on ${where}: ${REASONS[code] ?? message}`, {
      cause,
    });
  }
  server.on('error', onFailure);
  return server;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another program listens there (`ss -ltnp` tells which): stop it, or give `metrics` another port',
  EADDRNOTAVAIL: 'it is no address of this host',
};

async function answer(request: IncomingMessage, response: ServerResponse, expose: Expose): Promise<void> {
  const { method, url = '' } = request;
  if (url.replace(/\?.*$/, '') !== '/metrics')
    return refuse(response, 404, 'there is /metrics, and nothing else');
  if (method !== 'GET') return refuse(response, 405, 'GET it', { allow: 'GET' });
  const text = expose();
  if (text === undefined) return refuse(response, 503, 'the forwarder is starting');
  response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE });
  try {
    await pipeline(Readable.from(text), response);
  } catch (error) {
    // Whoever asked has gone.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function refuse(response: ServerResponse, status: number, why: string, headers = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(`${why}\n`);
}
