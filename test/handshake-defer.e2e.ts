import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FLAG } from '../src/lab/segments.js';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { clientNumber } from './support/options.js';

const PORT = 8000;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
  await backend.serve('peername-server', '::', PORT, ['--defer']);
});
after(() => backend[Symbol.asyncDispose]());

/** A client that says hello, with the option of another client there. */
const hello = (options?: Uint8Array): Parameters<HandmadeBackend['see']>[0] => ({
  port: PORT,
  ackOptions: clientNumber(1),
  behind: (c) => c.send({ flags: FLAG.PSH | FLAG.ACK, payload: 'x', ...(options && { options }) }),
});

test('TCP_DEFER_ACCEPT: the first data completes the handshake, and its option tells the client', async () => {
  const seen = await backend.see(hello(clientNumber(2)));
  assert.deepEqual(seen, { line: '::ffff:198.51.100.2 4242', outcome: 'tagged' });
});

test('TCP_DEFER_ACCEPT: the third ACK, which the kernel drops, tells nothing', async () => {
  const seen = await backend.see(hello());
  assert.deepEqual(seen, { line: '::ffff:10.9.0.2 40000', outcome: 'no-option' });
});
