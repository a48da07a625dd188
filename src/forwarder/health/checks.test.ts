import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Server } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { httpCheck } from './http.js';
import { LocalPorts } from './local-ports.js';
import type { Target } from './target.js';
import { tcpCheck } from './tcp.js';

/** Others than the daemon's, of which one may run here. */
const PORTS = new LocalPorts({ first: 64_000, count: 100 });

async function listening<S extends Server>(server: S): Promise<{ server: S; target: Target } & Disposable> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { address, port } = server.address() as AddressInfo;
  return { server, target: { address, port }, [Symbol.dispose]: () => void server.close() };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<Target> {
  using closed = await listening(net.createServer());
  return closed.target;
}

/** Accepts, and says nothing. */
function silent(): Server {
  return net.createServer((socket) => socket.on('error', () => {}).unref());
}

test('a listener passes a TCP check, a closed port does not', async () => {
  using backend = await listening(net.createServer((socket) => socket.on('error', () => {})));
  const check = tcpCheck(PORTS, 5_000);
  assert.equal(await check(backend.target), undefined);
  assert.equal(await check(await closedPort()), 'connection refused');
});

test('a backend that does not answer in time fails', async () => {
  using backend = await listening(silent());
  const check = httpCheck(PORTS, { tls: false, path: '/', timeoutMs: 50, expects: () => true });
  assert.equal(await check(backend.target), 'no answer within 50 ms');
});

test('an answer that came while this process was busy is no failure', async () => {
  using backend = await listening(silent());
  const outcome = tcpCheck(PORTS, 20)(backend.target);
  await setImmediate();
  const until = performance.now() + 100;
  while (performance.now() < until);
  assert.equal(await outcome, undefined);
});

test('an HTTP check goes by the status, and asks for what it is told to', async () => {
  const asked: (string | undefined)[] = [];
  using backend = await listening(
    http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host}`);
      response.writeHead(request.url === '/live' ? 204 : 503).end('x'.repeat(100_000));
    }),
  );
  const expects = (status: number) => status >= 200 && status < 400;
  const question = { tls: false, host: 'shop.example', timeoutMs: 5_000, expects };
  assert.equal(await httpCheck(PORTS, { ...question, path: '/live' })(backend.target), undefined);
  assert.equal(await httpCheck(PORTS, { ...question, path: '/dead' })(backend.target), 'status 503');
  assert.deepEqual(asked, ['GET /live shop.example', 'GET /dead shop.example']);
});

test('what is no HTTP, or no TLS, fails', async () => {
  using backend = await listening(net.createServer((socket) => socket.on('error', () => {}).end('hello\n')));
  const question = { path: '/', timeoutMs: 5_000, expects: () => true };
  assert.match(
    (await httpCheck(PORTS, { ...question, tls: false })(backend.target)) ?? 'passed',
    /^Parse Error/,
  );
  assert.match(
    (await httpCheck(PORTS, { ...question, tls: true })(backend.target)) ?? 'passed',
    /^(no TLS|connection reset)$/,
  );
});

test('a check comes from a port of its own, and leaves one to whoever listens on it', async () => {
  const from: (number | undefined)[] = [];
  using backend = await listening(
    net.createServer((socket) => void from.push(socket.on('error', () => {}).remotePort)),
  );
  const taken = net.createServer().listen(64_500, '0.0.0.0');
  await once(taken, 'listening');
  const check = tcpCheck(new LocalPorts({ first: 64_500, count: 3 }), 5_000);
  for (let at = 0; at < 4; at++) assert.equal(await check(backend.target), undefined);
  taken.close();
  assert.deepEqual(from, [64_501, 64_502, 64_501, 64_502]);
});
