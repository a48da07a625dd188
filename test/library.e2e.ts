import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { get } from './support/clients.js';

const PORT = 8080;

function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

async function startExample(chain: Chain, name: string): Promise<void> {
  chain.backend.node(example(name), [String(PORT)]);
  await chain.backend.waitForPort(PORT);
  chain.tag();
  await chain.proxy(PORT);
}

test('the plain Node example tells the client and the forwarder, and without a receiver the forwarder', async () => {
  await using chain = await createChain();
  await startExample(chain, 'plain-node.mjs');
  const { client, forwarder } = ADDRESSES;
  assert.match(await get(chain, 'ipv4', PORT, 4241), new RegExp(`^client ${forwarder.ipv4} port \\d+\n$`));
  chain.attach();
  assert.match(
    await get(chain, 'ipv4', PORT, 4242),
    new RegExp(`^client ${client.ipv4} port 4242 through ${forwarder.ipv4} port \\d+ \\(254/8\\)\n$`),
  );
  assert.match(
    await get(chain, 'ipv6', PORT, 4243),
    new RegExp(`^client ${client.ipv6} port 4243 through ${forwarder.ipv6} port \\d+ \\(254/20\\)\n$`),
  );
});

test('the web framework example hands every request its client', async () => {
  await using chain = await createChain();
  chain.attach();
  await startExample(chain, 'web-framework.mjs');
  const answer = JSON.parse(await get(chain, 'ipv4', PORT, 4242));
  assert.deepEqual(answer.client, { address: ADDRESSES.client.ipv4, port: 4242 });
  assert.equal(answer.peer.address, ADDRESSES.forwarder.ipv4);
  assert.equal(answer.told, true);
});

test('without getsockopt() the library still tells the client, and says no more than it knows', async () => {
  await using chain = await createChain();
  chain.attach({ sockopt: false });
  await startExample(chain, 'web-framework.mjs');
  assert.deepEqual(JSON.parse(await get(chain, 'ipv4', PORT, 4242)), {
    client: { address: ADDRESSES.client.ipv4, port: 4242 },
    told: false,
  });
});
