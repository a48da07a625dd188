import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { startHaproxy } from './support/proxies.js';
import { recipe } from './support/recipe.js';

const AS_HAPROXY = ['setpriv', '--reuid=haproxy', '--regid=haproxy', '--clear-groups', '--'];

let chain: Chain;
let config: string;
before(async () => {
  config = await recipe('haproxy');
  chain = await createChain();
  await startEcho(chain);
  chain.attach();
  chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

/** The backend's view of one client connection with several requests, through an HAProxy that lasts as long. */
async function seenThrough(changed: string, ports: [number, number], launcher?: string[]): Promise<string[]> {
  await using _haproxy = await startHaproxy(chain, changed, launcher);
  return [...(await askOften(chain, 'ipv4', ports[0])), ...(await askOften(chain, 'ipv6', ports[1]))];
}

test("HAProxy's recipe: the backend sees the client's address and port, and all data is intact", async () => {
  const expected = [clientAs('ipv4', 4241), clientAs('ipv6', 4242)];
  assert.deepEqual(await seenThrough(config, [4241, 4242]), expected);
});

test('HAProxy in mode http keeps its connections to the backend apart by client', async () => {
  const http = config.replace('mode tcp', 'mode http\n  option http-keep-alive\n  http-reuse always');
  const expected = [clientAs('ipv4', 4251), clientAs('ipv6', 4252)];
  assert.deepEqual(await seenThrough(http, [4251, 4252]), expected);
});

test('HAProxy without any privilege works as long as the tagger is attached', async () => {
  const expected = [clientAs('ipv4', 4261), clientAs('ipv6', 4262)];
  assert.deepEqual(await seenThrough(config, [4261, 4262], AS_HAPROXY), expected);
});

test("a bind without a port tells the client's address, with the port of the connection itself", async () => {
  const seen = await seenThrough(config.replaceAll('usesrc client', 'usesrc clientip'), [4271, 4272]);
  assert.deepEqual(
    seen.map((peer) => peer.split(' ')[0]),
    [ADDRESSES.client.ipv4, ADDRESSES.client.ipv6],
  );
  // HAProxy closed them last, for its client did: they are in TIME-WAIT.
  const { stdout } = await chain.forwarder.run('ss', ['-Htan', 'dport', '=', ':8080']);
  for (const peer of seen) assert.match(stdout, new RegExp(`:${peer.split(' ')[1]} `));
});

test('HAProxy that shall give up root by itself refuses to start with such a source', async () => {
  // It listens before it looks at what it may, so to wait until it listens would be too early.
  const file = join(chain.forwarder.dir, 'user.cfg');
  await writeFile(file, `global\n  user haproxy\n${config}`);
  const ended = chain.forwarder.run('haproxy', ['-db', '-f', file], { cgroup: 'proxy' });
  await assert.rejects(ended, /Some configuration options require full privileges/);
});
