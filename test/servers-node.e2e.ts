import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { get } from './support/clients.js';

const SERVER = `
const { createServer } = require('node:http');
const answer = ({ socket }, response) => response.end(socket.remoteAddress + ' ' + socket.remotePort);
createServer(answer).listen(8080, '::');
createServer(answer).listen(8081, '0.0.0.0');
`;

test("Node's http tells the client, on listeners that were there before the receiver", async () => {
  await using chain = await createChain();
  const { client: own, forwarder } = ADDRESSES;
  const server = chain.backend.spawn(process.execPath, ['-e', SERVER]);
  await server.waitForPort(8080);
  await server.waitForPort(8081);
  chain.tag();
  await chain.proxy(8080, 8081);

  assert.match(await get(chain, 'ipv4', 8080, 4240), new RegExp(`^::ffff:${forwarder.ipv4} `));
  chain.attach();
  assert.equal(await get(chain, 'ipv4', 8080, 4241), `::ffff:${own.ipv4} 4241`);
  assert.equal(await get(chain, 'ipv6', 8080, 4242), `${own.ipv6} 4242`);
  assert.equal(await get(chain, 'ipv4', 8081, 4243), `${own.ipv4} 4243`);
});
