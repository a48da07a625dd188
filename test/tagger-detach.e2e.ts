import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { waitUntil } from '../src/lab/wait.js';
import { attachTagger } from '../src/tagger/attach.js';
import { detachTagger } from '../src/tagger/detach.js';
import { readTaggerStats } from '../src/tagger/stats.js';
import { becomeAllClients } from './support/any-ip.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';
import { PORT, startHaproxy, startNginx } from './support/proxies.js';
import { recipe } from './support/recipe.js';

const SETTINGS = { ipv4: '254/8', ipv6: '254/20', on: ['syn', 'ack', 'data'], takeLocal: false } as const;
const { client, forwarder, listen } = ADDRESSES;
const KEPT = 40;

let chain: Chain;
let haproxyConfig: string;
before(async () => {
  haproxyConfig = (await recipe('haproxy'))
    .replace('mode tcp', 'mode http\n  log stdout format raw local0\n  option httplog')
    .replace('timeout connect 5s', 'timeout connect 500ms\n  retries 0');
  chain = await createChain();
  await becomeAllClients(chain);
  chain.attach();
});
beforeEach(() => attachTagger(chain.forwarder.cgroupNamed('proxy'), SETTINGS));
after(async () => {
  detachTagger();
  await chain[Symbol.asyncDispose]();
});

test('connections that are open when the tagger is detached go on, and keep their clients', async () => {
  await using _nginx = await startNginx(chain, await recipe('nginx-stream'));
  for (const family of ['ipv4', 'ipv6'] as const) {
    attachTagger(chain.forwarder.cgroupNamed('proxy'), SETTINGS);
    await using backend = await serve(chain.backend, 'keep-peers', PORT, [String(KEPT)]);
    const load = { family, to: listen[family], port: PORT, count: KEPT } as const;
    const clients = startLoad({ forwarder: chain.client }, load);
    await backend.waitForLine(/^holding/);
    assert.equal(detachTagger(), true);
    backend.stdin.end();
    assert.deepEqual(await reportOf(clients), allOk(KEPT));
  }
});

test('a detach under load, and an attach after it, give no connection a wrong client', async () => {
  const cgroup = chain.forwarder.cgroupNamed('proxy');
  await using _haproxy = await startHaproxy(chain, haproxyConfig.replace('mode http', 'mode tcp'));
  await using _backend = await serve(chain.backend, 'peername-server', PORT);
  const load = { family: 'ipv4', to: listen.ipv4, port: PORT, count: 2_000, concurrency: 50 } as const;
  const clients = startLoad({ forwarder: chain.client }, load);
  await waitUntil('the load', () => readTaggerStats(cgroup).opened > 200n);
  detachTagger();
  attachTagger(cgroup, SETTINGS);
  const { connections, swapped, ok } = await reportOf(clients);
  assert.deepEqual([connections, swapped], [load.count, 0]);
  assert.ok(ok > load.count / 2, `${ok} came through`);
});

/** The status of one request through the forwarder, once the tagger is detached; 000 where it got no answer. */
async function statusAfterDetach(): Promise<string> {
  detachTagger();
  const url = `http://${listen.ipv4}:${PORT}/`;
  const { stdout } = await chain.client.run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', url], {
    check: false,
  });
  return stdout;
}

test('new connections of nginx end in its connect timeout', async () => {
  const config = (await recipe('nginx-http')).replace('http {', 'http {\n  proxy_connect_timeout 500ms;');
  await using _nginx = await startNginx(chain, config);
  assert.equal(await statusAfterDetach(), '504');
});

test('new connections of an HAProxy with privileges end in its connect timeout', async () => {
  await using haproxy = await startHaproxy(chain, haproxyConfig);
  assert.equal(await statusAfterDetach(), '503');
  await haproxy.waitForLine(/ ipv4\/web1 .* 503 .* sC-- /);
});

test('new connections of an HAProxy without privileges are refused at once', async () => {
  const launcher = ['setpriv', '--reuid=haproxy', '--regid=haproxy', '--clear-groups', '--'];
  await using haproxy = await startHaproxy(chain, haproxyConfig, launcher);
  assert.equal(await statusAfterDetach(), '503');
  await haproxy.waitForLine(/ ipv4\/web1 .* 503 .* SC-- /);
});

test('new connections of a program without privileges are refused at once', async () => {
  const script = join(chain.forwarder.dir, 'proxy.mjs');
  await writeFile(script, await recipe('node'));
  await using proxy = chain.forwarder.node(script, [], { cgroup: 'proxy' });
  await proxy.waitForPort(PORT);
  assert.equal(await statusAfterDetach(), '000');
  await proxy.waitForLine(/^bind EADDRNOTAVAIL/);
});

test('a tagger that is told no kind lets the proxy go on as itself, for as long as it binds to clients', async () => {
  await using _nginx = await startNginx(chain, await recipe('nginx-stream'));
  await using _backend = await startEcho(chain);
  assert.deepEqual(await askOften(chain, 'ipv4', 4241), [clientAs('ipv4', 4241)]);
  attachTagger(chain.forwarder.cgroupNamed('proxy'), { on: [], takeLocal: false });
  const [seen] = await askOften(chain, 'ipv4', 4242);
  assert.ok(seen?.startsWith(`${forwarder.ipv4} `), `${seen} instead of ${client.ipv4}`);
});
