import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { PrometheusMetrics } from './metrics.js';

const metrics = new PrometheusMetrics(pino({ enabled: false }));
after(() => metrics.close());

/** A port that nobody listens on, and another. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0), 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  for (const server of servers) server.close();
  return ports as [number, number];
}

const statusOf = (address: string, port: number, path = '/metrics', method = 'GET') =>
  fetch(`http://${address}:${port}${path}`, { method, headers: { connection: 'close' } }).then(
    ({ status }) => status,
    () => undefined,
  );

test('they are served where they are to be, and nowhere else', async () => {
  const [one, other] = await freePorts();
  await metrics.serveAt({ address: '127.0.0.1', port: one });
  // Nobody has told yet what there is to tell.
  assert.equal(await statusOf('127.0.0.1', one), 503);
  await metrics.serveAt({ address: '0.0.0.0', port: one });
  assert.equal(await statusOf('127.0.0.2', one), 503, 'the same port, of every address');
  await metrics.serveAt({ address: '127.0.0.1', port: one });
  assert.equal(await statusOf('127.0.0.2', one), undefined, 'and of a single one again');
  await metrics.serveAt({ address: '127.0.0.1', port: other });
  assert.deepEqual([await statusOf('127.0.0.1', one), await statusOf('127.0.0.1', other)], [undefined, 503]);
  await metrics.serveAt(undefined);
  assert.equal(await statusOf('127.0.0.1', other), undefined);
});

test('where they cannot be served, they stay where they are', async () => {
  const [port] = await freePorts();
  const served = { address: '127.0.0.1', port };
  await metrics.serveAt(served);
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port: takenPort } = taken.address() as { port: number };
  const name = 'MetricsAddressError';
  await assert.rejects(metrics.serveAt({ address: '127.0.0.1', port: takenPort }), {
    name,
    message:
      `metrics cannot be served on 127.0.0.1:${takenPort}: another program listens there (\`ss -ltnp\` tells which): ` +
      'stop it, or give `metrics` another port',
  });
  taken.close();
  // Of the same port, which had to be given up first.
  await assert.rejects(metrics.serveAt({ address: '192.0.2.99', port }), {
    name,
    message: `metrics cannot be served on 192.0.2.99:${port}: it is no address of this host`,
  });
  assert.equal(await statusOf('127.0.0.1', port), 503);
});

test('there is one path, and one method', async () => {
  const [port] = await freePorts();
  await metrics.serveAt({ address: '127.0.0.1', port });
  const status = (path: string, method?: string) => statusOf('127.0.0.1', port, path, method);
  for (const path of ['/', '/metric', '/metrics/', '/metricsx', '/../metrics%00', '//metrics'])
    assert.equal(await status(path), 404, path);
  assert.equal(await status('/metrics?name=x'), 503);
  for (const method of ['HEAD', 'POST', 'DELETE'])
    assert.equal(await status('/metrics', method), 405, method);
  assert.equal(await status('/other', 'POST'), 404);
});
