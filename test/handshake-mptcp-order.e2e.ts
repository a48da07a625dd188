import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandmadeBackend } from './support/handmade.js';
import { connectMptcp } from './support/handmade-mptcp.js';
import { kernelCounter } from './support/kernel-counter.js';
import { lacking } from './support/needs.js';
import { CLIENT } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

test('MPTCP: 8 bytes of TOA, 12 of timestamps and 20 of MP_CAPABLE fill the header, TOA first', {
  skip: lacking('mptcp'),
}, async () => {
  await using backend = await createHandmadeBackend();
  backend.attach();
  await backend.serve('peername-server', '::', 8000, ['--mptcp']);
  const counted = outcomesOf();
  const connection = await connectMptcp(backend, 8000, CLIENT.ipv4);
  assert.equal(String(await connection.read()), '::ffff:203.0.113.7 4242\n');
  backend.client.reset(connection);
  assert.deepEqual(counted(), { tagged: 1 });
  assert.equal(await kernelCounter(backend.host, 'MPTcpExtMPCapableACKRX'), 1);
});
