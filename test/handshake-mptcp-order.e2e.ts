import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAG } from '../src/lab/segments.js';
import { splitOptions } from '../src/wire/index.js';
import { BACKEND, createHandmadeBackend, FORWARDER } from './support/handmade.js';
import { kernelCounter } from './support/kernel-counter.js';
import { lacking } from './support/needs.js';
import { CLIENT, hex } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

/** RFC 8684, section 3.1: MP_CAPABLE, version 1, HMAC-SHA256, without and with the keys of both ends. */
const MP_CAPABLE = 30;
const ASK = hex('1e04 01 01');
const OWN_KEY = hex('0011223344556677');
const capable = (key: Uint8Array): Uint8Array => Buffer.concat([hex('1e14 01 01'), OWN_KEY, key]);

test('MPTCP: 8 bytes of TOA, 12 of timestamps and 20 of MP_CAPABLE fill the header, TOA first', {
  skip: lacking('mptcp'),
}, async () => {
  await using backend = await createHandmadeBackend();
  backend.attach();
  await backend.serve('peername-server', '::', 8000, ['--mptcp']);
  const counted = outcomesOf();

  const connection = backend.client.open(FORWARDER.ipv4, { address: BACKEND.ipv4, port: 8000 });
  connection.send({ flags: FLAG.SYN, options: (c) => Buffer.concat([c.timestamps(), ASK]) });
  const { options } = await connection.synAck();
  const answer = splitOptions(options).find(({ kind }) => kind === MP_CAPABLE);
  const key = answer!.bytes.subarray(4);
  connection.send({ options: (c) => Buffer.concat([CLIENT.ipv4, c.timestamps(), capable(key)]) });

  assert.equal(String(await connection.read()), '::ffff:203.0.113.7 4242\n');
  backend.client.reset(connection);
  assert.deepEqual(counted(), { tagged: 1 });
  assert.equal(await kernelCounter(backend.host, 'MPTcpExtMPCapableACKRX'), 1);
});
