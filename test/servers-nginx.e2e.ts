import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BACKEND_PORT, startBackend } from '../src/demo/backend.js';
import { ADDRESSES, createChain } from './support/chain.js';
import { get } from './support/clients.js';

test('nginx logs the client, on a listener that was there before the receiver', async () => {
  await using chain = await createChain();
  const log = await startBackend(chain.backend);
  chain.tag();
  await chain.proxy(BACKEND_PORT);

  const { client, forwarder } = ADDRESSES;
  assert.match(await get(chain, 'ipv4', BACKEND_PORT, 4241), new RegExp(`^${forwarder.ipv4} `));
  chain.attach();
  assert.equal(await get(chain, 'ipv4', BACKEND_PORT, 4242), `${client.ipv4} 4242`);
  assert.equal(await get(chain, 'ipv6', BACKEND_PORT, 4243), `${client.ipv6} 4243`);
  assert.match(
    await readFile(log, 'utf8'),
    new RegExp(`^${client.ipv4} 4242 /4242\n${client.ipv6} 4243 /4243$`, 'm'),
  );
});
