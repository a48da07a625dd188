import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detachReceiver } from '../src/receiver/detach.js';
import { parseCidr } from '../src/wire/index.js';
import { createChain } from './support/chain.js';
import { KEPT, Traffic } from './support/traffic.js';

test('connections that were there before an upgrade keep their clients', async () => {
  await using chain = await createChain();
  chain.tag();
  chain.attach();
  const traffic = await Traffic.start(chain);
  for (const changes of [
    {},
    { sockopt: false },
    { profiles: ['alibaba-slb'], kinds: ['254/20'] },
    { trust: [parseCidr('192.0.2.1')] },
    { trust: 'any' as const, refuse: ['private', 'loopback'] as const },
    {},
  ]) {
    assert.equal(chain.attach(changes).outcome, 'replaced');
    await traffic.checkKept();
  }
  await traffic.checkNew();
  await traffic.end();
});

test('connections go on after a detach, under the address of the forwarder', async () => {
  await using chain = await createChain();
  chain.tag();
  chain.attach();
  const traffic = await Traffic.start(chain);
  detachReceiver();
  assert.deepEqual(await traffic.kept(), { same: 0, changed: KEPT, gone: 0 });
});
