import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Family } from './support/clients.js';
import { createHandmadeBackend, type HandmadeBackend, type Seen } from './support/handmade.js';
import { CLIENT } from './support/options.js';

/** How a server listens: the address, more options of peername-server, and a number for its ports. */
const LISTENERS = {
  'an IPv4': ['0.0.0.0', [], 0],
  'a dual-stack': ['::', [], 1],
  'an IPv6': ['::', ['--v6only'], 2],
} as const;

type Listener = keyof typeof LISTENERS;

/** The listener, how the connection comes, the family of the client in the option, and what becomes of it. */
type Row = [Listener, over: Family, client: Family | 'no', line: string, outcome: Seen['outcome']];

/** getpeername() and accept() in the table of what an application sees. */
const TABLE: readonly Row[] = [
  ['an IPv4', 'ipv4', 'ipv4', '203.0.113.7 4242', 'tagged'],
  ['an IPv4', 'ipv4', 'ipv6', '10.9.0.2 40000', 'nat64'],
  ['an IPv4', 'ipv4', 'no', '10.9.0.2 40000', 'no-option'],
  ['a dual-stack', 'ipv4', 'ipv4', '::ffff:203.0.113.7 4242', 'tagged'],
  ['a dual-stack', 'ipv4', 'ipv6', '2001:db8::7 4242', 'tagged'],
  ['a dual-stack', 'ipv4', 'no', '::ffff:10.9.0.2 40000', 'no-option'],
  ['a dual-stack', 'ipv6', 'ipv4', '::ffff:203.0.113.7 4242', 'tagged'],
  ['a dual-stack', 'ipv6', 'ipv6', '2001:db8::7 4242', 'tagged'],
  ['a dual-stack', 'ipv6', 'no', 'fd09::2 40000', 'no-option'],
  ['an IPv6', 'ipv6', 'ipv4', '::ffff:203.0.113.7 4242', 'tagged'],
  ['an IPv6', 'ipv6', 'ipv6', '2001:db8::7 4242', 'tagged'],
  ['an IPv6', 'ipv6', 'no', 'fd09::2 40000', 'no-option'],
];

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
});
after(() => backend[Symbol.asyncDispose]());

for (const [number, way] of ['accept', 'accept4', 'io_uring', 'getpeername'].entries()) {
  const portOf = (listener: Listener): number => 8000 + 10 * number + LISTENERS[listener][2];

  test(`${way} tells the client, as far as the listener's address family can`, async () => {
    for (const listener of Object.keys(LISTENERS) as Listener[]) {
      const [address, options] = LISTENERS[listener];
      await backend.serve('peername-server', address, portOf(listener), ['--accept', way, ...options]);
    }
    for (const [listener, over, client, line, outcome] of TABLE) {
      const ackOptions = client === 'no' ? new Uint8Array() : CLIENT[client];
      const seen = await backend.see({ port: portOf(listener), over, ackOptions });
      assert.deepEqual(seen, { line, outcome }, `${client} client over ${over} to ${listener} listener`);
    }
  });
}
