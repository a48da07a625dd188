import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { attachTagger } from '../src/tagger/attach.js';
import { detachTagger } from '../src/tagger/detach.js';
import { type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { PORT } from './support/proxies.js';
import { recipe } from './support/recipe.js';

const SETTINGS = { ipv4: '254/8', ipv6: '254/20', on: ['syn', 'ack', 'data'], takeLocal: false } as const;

let chain: Chain;
before(async () => {
  chain = await createChain();
  await startEcho(chain);
  chain.attach();
});
after(async () => {
  detachTagger();
  await chain[Symbol.asyncDispose]();
});

/** A program's recipe as a file of its own on the forwarder. */
async function writeRecipe(name: string, file: string): Promise<string> {
  const path = join(chain.forwarder.dir, file);
  await writeFile(path, await recipe(name));
  return path;
}

test("Node's recipe tells the backend the client; the cgroup is found as docs/tagger.md says", async () => {
  const script = await writeRecipe('node', 'proxy.mjs');
  await using proxy = chain.forwarder.node(script, [], { cgroup: 'proxy' });
  await proxy.waitForPort(PORT);
  const { stdout } = await chain.forwarder.run('sh', ['-c', await recipe('cgroup-of')], {
    env: { PID: String(proxy.pid) },
  });
  attachTagger(stdout.trimEnd(), SETTINGS);
  assert.deepEqual(await askOften(chain, 'ipv4', 4241), [clientAs('ipv4', 4241)]);
  assert.deepEqual(await askOften(chain, 'ipv6', 4242), [clientAs('ipv6', 4242)]);
});

test("Go's recipe tells the backend the client", async () => {
  const { forwarder } = chain;
  const source = await writeRecipe('go', 'proxy.go');
  // Nothing is fetched, and nothing kept outside the laboratory.
  const inside = { GOCACHE: join(forwarder.dir, 'go-cache'), XDG_CONFIG_HOME: forwarder.dir };
  const env = { ...inside, GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  await forwarder.run('go', ['build', '-o', 'proxy', source], { env, timeoutMs: 300_000 });
  attachTagger(forwarder.cgroupNamed('proxy'), SETTINGS);
  await using proxy = forwarder.spawn('./proxy', [], { cgroup: 'proxy' });
  // It listens for each family by itself.
  await proxy.waitForPort(PORT);
  assert.deepEqual(await askOften(chain, 'ipv4', 4251), [clientAs('ipv4', 4251)]);
  assert.deepEqual(await askOften(chain, 'ipv6', 4252), [clientAs('ipv6', 4252)]);
});
