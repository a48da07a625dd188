import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { amount } from './support/amount.js';
import { becomeAllClients } from './support/any-ip.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';
import { outcomesOf } from './support/outcomes.js';
import { PORT, startHaproxy, startNginx } from './support/proxies.js';
import { recipe } from './support/recipe.js';

/** Clients of each family, for each proxy. */
const COUNT = amount(12_500, 'clients of each family, for each proxy');

let chain: Chain;
before(async () => {
  chain = await createChain();
  await becomeAllClients(chain);
  await serve(chain.backend, 'peername-server', PORT);
  chain.attach();
  chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

const start = {
  HAProxy: async () => startHaproxy(chain, await recipe('haproxy')),
  nginx: async () => startNginx(chain, await recipe('nginx-stream')),
} as const;

for (const [name, startProxy] of Object.entries(start))
  test(`through ${name}, the backend sees each of ${COUNT} clients under its own address and port`, async () => {
    await using _proxy = await startProxy();
    for (const [family, to] of Object.entries(ADDRESSES.listen)) {
      const seen = outcomesOf();
      const load = { family: family as 'ipv4' | 'ipv6', to, port: PORT, count: COUNT, concurrency: 100 };
      assert.deepEqual(await reportOf(startLoad({ forwarder: chain.client }, load)), allOk(COUNT));
      assert.deepEqual(seen(), { tagged: COUNT });
    }
  });
