import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { clientsSeen } from './support/clients.js';

test('Redis lists the client', async () => {
  await using chain = await createChain();
  const { client, backend } = chain;
  const { client: own, listen } = ADDRESSES;
  const redis = backend.spawn('redis-server', ['--protected-mode', 'no', '--save', '']);
  await redis.waitForPort(6379);
  chain.attach();
  chain.tag();
  await chain.proxy(6379);

  const listedFor = async (address: string): Promise<string | undefined> =>
    (await client.run('redis-cli', ['-h', address, 'CLIENT', 'LIST'])).stdout.match(/ addr=(\S+)/)?.[1];
  const listed = [await listedFor(listen.ipv4), await listedFor(listen.ipv6)];
  assert.deepEqual(listed, await clientsSeen(chain));
  assert.match(listed.join(' '), new RegExp(`^${own.ipv4}:\\d+ \\[${own.ipv6}\\]:\\d+$`));
});
