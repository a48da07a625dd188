import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { get } from './support/clients.js';

const { client: own } = ADDRESSES;

test('HAProxy logs the client, and chooses by its address', async () => {
  await using chain = await createChain();
  const { backend } = chain;
  await writeFile(
    join(backend.dir, 'haproxy.cfg'),
    `global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout client 10s
frontend each-family
  bind 0.0.0.0:8080
  bind :::8080 v6only
  http-request return status 200 content-type text/plain string welcome if { src ${own.ipv4} ${own.ipv6} }
  http-request deny
frontend dual-stack
  bind :::8081 v4v6
  http-request return status 200 content-type text/plain string welcome if { src ${own.ipv4} ${own.ipv6} }
  http-request deny
`,
  );
  chain.attach();
  const haproxy = backend.spawn('haproxy', ['-db', '-f', 'haproxy.cfg']);
  await haproxy.waitForPort(8081);
  chain.tag();
  await chain.proxy(8080, 8081);

  assert.equal(await get(chain, 'ipv4', 8080, 4241), 'welcome');
  assert.equal(await get(chain, 'ipv6', 8080, 4242), 'welcome');
  assert.equal(await get(chain, 'ipv4', 8081, 4243), 'welcome');
  assert.equal(await get(chain, 'ipv6', 8081, 4244), 'welcome');
  const loggedOf = async (path: string) => (await haproxy.waitForLine(new RegExp(`^(\\S+) .* ${path} `)))[1];
  assert.equal(await loggedOf('/4241'), `${own.ipv4}:4241`);
  assert.equal(await loggedOf('/4242'), `${own.ipv6}:4242`);
  assert.equal(await loggedOf('/4243'), `::ffff:${own.ipv4}:4243`);
  assert.equal(await loggedOf('/4244'), `${own.ipv6}:4244`);
});
