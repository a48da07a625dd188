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

interface Row extends Seen {
  readonly listener: keyof typeof LISTENERS;
  /** How the connection comes. */
  readonly over: Family;
  /** The family of the client in the option; no option without. */
  readonly client?: Family;
}

/** What an application sees: getpeername() and accept() in the table of wire formats. */
const TABLE: readonly Row[] = [
  { listener: 'an IPv4', over: 'ipv4', client: 'ipv4', line: '203.0.113.7 4242', outcome: 'tagged' },
  { listener: 'an IPv4', over: 'ipv4', client: 'ipv6', line: '10.9.0.2 40000', outcome: 'nat64' },
  { listener: 'an IPv4', over: 'ipv4', line: '10.9.0.2 40000', outcome: 'no-option' },
  {
    listener: 'a dual-stack',
    over: 'ipv4',
    client: 'ipv4',
    line: '::ffff:203.0.113.7 4242',
    outcome: 'tagged',
  },
  { listener: 'a dual-stack', over: 'ipv4', client: 'ipv6', line: '2001:db8::7 4242', outcome: 'tagged' },
  { listener: 'a dual-stack', over: 'ipv4', line: '::ffff:10.9.0.2 40000', outcome: 'no-option' },
  {
    listener: 'a dual-stack',
    over: 'ipv6',
    client: 'ipv4',
    line: '::ffff:203.0.113.7 4242',
    outcome: 'tagged',
  },
  { listener: 'a dual-stack', over: 'ipv6', client: 'ipv6', line: '2001:db8::7 4242', outcome: 'tagged' },
  { listener: 'a dual-stack', over: 'ipv6', line: 'fd09::2 40000', outcome: 'no-option' },
  { listener: 'an IPv6', over: 'ipv6', client: 'ipv4', line: '::ffff:203.0.113.7 4242', outcome: 'tagged' },
  { listener: 'an IPv6', over: 'ipv6', client: 'ipv6', line: '2001:db8::7 4242', outcome: 'tagged' },
  { listener: 'an IPv6', over: 'ipv6', line: 'fd09::2 40000', outcome: 'no-option' },
];

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
});
after(() => backend[Symbol.asyncDispose]());

for (const [number, way] of ['accept', 'accept4', 'io_uring', 'getpeername'].entries()) {
  const portOf = (listener: Row['listener']): number => 8000 + 10 * number + LISTENERS[listener][2];

  test(`${way} tells the client, as far as the listener's address family can`, async () => {
    for (const [name, [address, options]] of Object.entries(LISTENERS))
      await backend.serve('peername-server', address, portOf(name as Row['listener']), [
        '--accept',
        way,
        ...options,
      ]);

    for (const { listener, over, client, line, outcome } of TABLE) {
      const port = portOf(listener);
      const seen = await backend.see({ port, over, ...(client && { ackOptions: CLIENT[client] }) });
      assert.deepEqual(
        seen,
        { line, outcome },
        `${client ?? 'no'} client over ${over} to ${listener} listener`,
      );
    }
  });
}
