import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Attempt, createHandmadeBackend, type HandmadeBackend, type Seen } from './support/handmade.js';
import { kernelCounter } from './support/kernel-counter.js';
import { CLIENT, clientNumber, hex } from './support/options.js';

const PORT = 8000;

let backend: HandmadeBackend;
before(async () => {
  // Servers may take data from a SYN (2), also without a cookie (0x200): so every cookie is good, whatever its form.
  backend = await createHandmadeBackend({ 'net.ipv4.tcp_fastopen': String(0x202) });
  backend.attach();
  await backend.serve('peername-server', '::', PORT, ['--fastopen']);
});
after(() => backend[Symbol.asyncDispose]());

const COOKIE = hex('220a 0011223344556677');
const ONE = clientNumber(1);
const tagged = (line: string): Seen => ({ line, outcome: 'tagged' });
const lookalike: Seen = { line: '::ffff:10.9.0.2 40000', outcome: 'look-alike' };

/** The options of a SYN with data, and what becomes of it. The third ACK carries another client's option. */
const cases: Record<string, [synOptions: Uint8Array, Seen, Partial<Attempt>?]> = {
  'the option on the SYN tells the client': [
    Buffer.concat([CLIENT.ipv4, COOKIE]),
    tagged('::ffff:203.0.113.7 4242'),
  ],
  'an IPv6 client': [Buffer.concat([CLIENT.ipv6, COOKIE]), tagged('2001:db8::7 4242'), { over: 'ipv6' }],
  'an option on the third ACK comes too late': [
    COOKIE,
    { line: '::ffff:10.9.0.2 40000', outcome: 'no-option' },
  ],
  'a cookie in the experimental form, 8 bytes, is no client': [hex('fe08 f989 aabbccdd'), lookalike],
  'a cookie in the experimental form, 20 bytes, is no client': [
    hex('fe14 f989 00112233445566778899aabbccddeeff'),
    lookalike,
  ],
  'a cookie in the experimental form, 12 bytes, is no client': [hex('fe0c f989 0011223344556677'), lookalike],
  'a client behind such a cookie is one': [
    Buffer.concat([hex('fe08 f989 aabbccdd'), CLIENT.ipv4]),
    tagged('::ffff:203.0.113.7 4242'),
  ],
};

for (const [title, [synOptions, expected, more]] of Object.entries(cases))
  test(`TCP Fast Open: ${title}`, async () => {
    const before = await kernelCounter(backend.host, 'TcpExtTCPFastOpenPassive');
    const seen = await backend.see({ port: PORT, synOptions, synPayload: 'x', ackOptions: ONE, ...more });
    assert.deepEqual(seen, expected);
    assert.equal(await kernelCounter(backend.host, 'TcpExtTCPFastOpenPassive'), before + 1);
  });

test('TCP Fast Open: without data and cookie the SYN completes nothing, and its option is not read', async () => {
  const seen = await backend.see({ port: PORT, synOptions: CLIENT.ipv4, ackOptions: ONE });
  assert.deepEqual(seen, tagged('::ffff:198.51.100.1 4242'));
});

test('on an ACK the bytes of an experimental cookie are a client with port 63881', async () => {
  const seen = await backend.see({ port: PORT, ackOptions: hex('fe08 f989 cb007107') });
  assert.deepEqual(seen, tagged('::ffff:203.0.113.7 63881'));
});
