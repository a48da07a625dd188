import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';

test('nginx logs the client, on a listener that was there before the receiver', async () => {
  await using chain = await createChain();
  const { backend, client } = chain;
  const log = join(backend.dir, 'access.log');
  await writeFile(
    join(backend.dir, 'nginx.conf'),
    `user root;
daemon off;
pid ${backend.dir}/nginx.pid;
error_log ${backend.dir}/error.log;
events {}
http {
  log_format peer '$remote_addr $remote_port $request_uri';
  access_log ${log} peer;
  server { listen 8080; listen [::]:8080; return 200 "$remote_addr $remote_port"; }
}
`,
  );
  backend.spawn('nginx', ['-c', join(backend.dir, 'nginx.conf')]);
  await backend.waitForPort(8080);
  chain.tag();
  await chain.proxy(8080);

  const get = async (address: string, path: string, port: number) =>
    (await client.run('curl', ['-sS', '--local-port', String(port), `http://${address}:8080${path}`])).stdout;
  const { client: own, listen, forwarder } = ADDRESSES;
  assert.match(await get(listen.ipv4, '/before', 4241), new RegExp(`^${forwarder.ipv4} `));
  chain.attach();
  assert.equal(await get(listen.ipv4, '/ipv4', 4242), `${own.ipv4} 4242`);
  assert.equal(await get(`[${listen.ipv6}]`, '/ipv6', 4243), `${own.ipv6} 4243`);
  assert.match(
    await readFile(log, 'utf8'),
    new RegExp(`^${own.ipv4} 4242 /ipv4\n${own.ipv6} 4243 /ipv6$`, 'm'),
  );
});
