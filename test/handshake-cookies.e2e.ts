import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FLAG } from '../src/lab/segments.js';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { kernelCounter } from './support/kernel-counter.js';
import { CLIENT } from './support/options.js';

const PORT = 8000;

let backend: HandmadeBackend;
before(async () => {
  // A cookie for every SYN: the kernel forgets it, and keeps nothing until the handshake is complete.
  backend = await createHandmadeBackend({ 'net.ipv4.tcp_syncookies': '2' });
  backend.attach();
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const DATA = FLAG.PSH | FLAG.ACK;
const V4 = { line: '::ffff:203.0.113.7 4242', outcome: 'tagged' } as const;
const V6 = { line: '2001:db8::7 4242', outcome: 'tagged' } as const;
const FORWARDER = { line: '::ffff:10.9.0.2 40000', outcome: 'no-option' } as const;

const cases: Record<string, [Omit<Attempt, 'port'>, typeof V4 | typeof V6 | typeof FORWARDER]> = {
  'an IPv4 client': [{ ackOptions: CLIENT.ipv4 }, V4],
  'an IPv6 client over IPv6': [{ over: 'ipv6', ackOptions: CLIENT.ipv6 }, V6],
  'the third ACK got lost': [
    { lostAck: true, behind: (c) => c.send({ flags: DATA, payload: 'x', options: CLIENT.ipv4 }) },
    V4,
  ],
  'with timestamps, in which the cookie keeps the SYN’s options': [
    {
      synOptions: (c) => c.timestamps(),
      ackOptions: (c) => Buffer.concat([CLIENT.ipv4, c.timestamps()]),
    },
    V4,
  ],
  'an option on the SYN only is forgotten with it': [{ synOptions: CLIENT.ipv4 }, FORWARDER],
};

for (const [title, [attempt, expected]] of Object.entries(cases))
  test(`SYN cookies: ${title}`, async () => {
    const before = await kernelCounter(backend.host, 'TcpExtSyncookiesRecv');
    assert.deepEqual(await backend.see({ port: PORT, ...attempt }), expected);
    assert.equal(await kernelCounter(backend.host, 'TcpExtSyncookiesRecv'), before + 1);
  });
