import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { detachReceiver } from '../src/receiver/detach.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { kernelCounter } from './support/kernel-counter.js';
import { startHaproxy } from './support/proxies.js';
import { recipe } from './support/recipe.js';

let chain: Chain;
before(async () => {
  chain = await createChain();
  await startEcho(chain);
  chain.tag();
  await startHaproxy(chain, await recipe('haproxy'));
});
afterEach(() => detachReceiver());
after(() => chain[Symbol.asyncDispose]());

test('a backend that sends SYN cookies, and so forgets the SYN, sees the client', async () => {
  chain.attach();
  await chain.backend.run('sysctl', ['-w', 'net.ipv4.tcp_syncookies=2']);
  const before = await kernelCounter(chain.backend, 'TcpExtSyncookiesRecv');
  assert.deepEqual(await askOften(chain, 'ipv4', 4241), [clientAs('ipv4', 4241)]);
  assert.deepEqual(await askOften(chain, 'ipv6', 4242), [clientAs('ipv6', 4242)]);
  assert.equal(await kernelCounter(chain.backend, 'TcpExtSyncookiesRecv'), before + 2);
});

test('a backend that knows nothing of TOA works as ever, and sees the proxy', async () => {
  for (const [family, port] of [
    ['ipv4', 4251],
    ['ipv6', 4252],
  ] as const) {
    const [seen, ...others] = await askOften(chain, family, port);
    assert.equal(seen?.split(' ')[0], ADDRESSES.forwarder[family]);
    assert.deepEqual(others, []);
  }
});
