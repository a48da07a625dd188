import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { startNginx } from './support/proxies.js';
import { recipe } from './support/recipe.js';

let chain: Chain;
before(async () => {
  chain = await createChain();
  await startEcho(chain);
  chain.attach();
  chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

for (const [module, ports] of [
  ['stream', [4241, 4242]],
  ['http', [4251, 4252]],
] as const)
  test(`nginx's recipe for ${module}: the backend sees the client, and all data is intact`, async () => {
    await using _nginx = await startNginx(chain, await recipe(`nginx-${module}`));
    // Without this, the kernel would not cut large segments, option and all, as it does in real life.
    const { stdout } = await chain.forwarder.run('ethtool', ['-k', 'eth1']);
    assert.match(stdout, /^tcp-segmentation-offload: on$/m);
    assert.deepEqual(await askOften(chain, 'ipv4', ports[0]), [clientAs('ipv4', ports[0])]);
    assert.deepEqual(await askOften(chain, 'ipv6', ports[1]), [clientAs('ipv6', ports[1])]);
  });

test('IPv4 clients reach an IPv6 backend under their own address', async () => {
  await using _nginx = await startNginx(
    chain,
    `stream {
  server {
    listen 8080;
    proxy_pass [fd00:1::2]:8080;
    proxy_bind [::ffff:$remote_addr]:$remote_port transparent;
  }
}
`,
  );
  assert.deepEqual(await askOften(chain, 'ipv4', 4261), [`::ffff:${clientAs('ipv4', 4261)}`]);
});
