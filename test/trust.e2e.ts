import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readStatus } from '../src/receiver/status.js';
import { parseCidr } from '../src/wire/index.js';
import { createHandmadeBackend, type HandmadeBackend, type Seen } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

const PORT = 8000;
const KEPT = 8001;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const trusting = (...cidrs: string[]): void => backend.attach({ trust: cidrs.map(parseCidr) });

/** What becomes of a connection from a forwarder that names a client. */
function from(address: string, ackOptions: Uint8Array = CLIENT.ipv4): Promise<Seen> {
  const over = address.includes(':') ? 'ipv6' : 'ipv4';
  return backend.see({ port: PORT, over, from: { address, port: 40000 }, ackOptions });
}

const BELIEVED: Seen = { line: '::ffff:203.0.113.7 4242', outcome: 'tagged' };
const ignored = (address: string): Seen => ({
  line: `${address.includes(':') ? '' : '::ffff:'}${address} 40000`,
  outcome: 'untrusted',
});

async function believedAre(believed: readonly string[], others: readonly string[]): Promise<void> {
  for (const address of believed) assert.deepEqual(await from(address), BELIEVED, address);
  for (const address of others) assert.deepEqual(await from(address), ignored(address), address);
}

test('a client named by an address that is not trusted is ignored, and counted', async () => {
  trusting('10.9.3.0/24', 'fd09::3:0/112');
  await believedAre(
    ['10.9.3.0', '10.9.3.255', 'fd09::3:0', 'fd09::3:ffff'],
    ['10.9.2.255', '10.9.4.0', 'fd09::2:ffff', 'fd09::4:0'],
  );
});

test('IPv4 prefixes say nothing of IPv6 forwarders, nor the other way round', async () => {
  trusting('10.0.0.0/8');
  await believedAre(['10.9.0.2'], ['fd09::2']);
  trusting('fd00::/8');
  await believedAre(['fd09::2'], ['10.9.0.2']);
  trusting('0.0.0.0/0');
  await believedAre(['10.9.0.2', '10.9.255.254'], ['fd09::2']);
});

test('an empty list trusts nobody, `any` trusts everybody', async () => {
  trusting();
  await believedAre([], ['10.9.0.2', 'fd09::2']);
  backend.attach({ trust: 'any' });
  await believedAre(['10.9.0.2', '10.9.255.254', 'fd09::2'], []);
});

test('what is wrong with an option counts before who sent it', async () => {
  trusting();
  const line = '::ffff:10.9.0.2 40000';
  assert.deepEqual(await from('10.9.0.2', hex('fe00')), { line, outcome: 'malformed' });
  assert.deepEqual(await from('10.9.0.2', hex('fe04 e2d4')), { line, outcome: 'look-alike' });
  assert.deepEqual(await from('10.9.0.2', hex('fc08 1092 cb007107')), { line, outcome: 'other-kind' });
});

test('sixteen networks are the most that stand in the settings; seventeen are believed, and listed, all the same', async () => {
  for (const count of [16, 17]) {
    const networks = Array.from({ length: count }, (_, at) => `10.9.${at + 1}.0/24`);
    trusting(...networks);
    await believedAre(['10.9.1.255', `10.9.${count}.0`], ['10.9.0.255', `10.9.${count + 1}.0`]);
    const status = readStatus();
    assert.ok(status.attached && status.trust !== 'any');
    assert.deepEqual(status.trust.toSorted(), networks.toSorted());
  }
});

test('10,000 prefixes, nested ones too: each forwarder is looked up for itself', async () => {
  const even = Array.from({ length: 8192 }, (_, i) => `10.9.${64 + (i >> 7)}.${(2 * i) & 255}`);
  const ipv6 = Array.from({ length: 1806 }, (_, i) => `fd09::5:${(2 * i).toString(16)}`);
  trusting(...even, ...ipv6, '10.9.200.0/25', '10.9.200.64/26');
  const sample = (list: readonly string[]): string[] => list.filter((_, i) => i % 97 === 0);
  const next = (address: string): string =>
    address.replace(/[0-9a-f]+$/, (last) =>
      address.includes(':') ? (Number.parseInt(last, 16) + 1).toString(16) : String(Number(last) + 1),
    );
  const trusted = [...sample(even), ...sample(ipv6), even.at(-1)!, ipv6.at(-1)!];
  await believedAre(
    [...trusted, '10.9.200.1', '10.9.200.63', '10.9.200.64', '10.9.200.127'],
    [...trusted.map(next), '10.9.200.128', '10.9.63.254', '10.9.128.0'],
  );
});

test('new connections follow a change at once, those that are there keep what they have', async () => {
  const counted = outcomesOf();
  const server = await backend.serve('keep-peers', '::', KEPT, ['2']);
  const kept = (address: string) =>
    backend.connect({ port: KEPT, from: { address, port: 40001 }, ackOptions: CLIENT.ipv4 });
  trusting('10.9.3.0/24');
  const known = await kept('10.9.3.1');
  const unknown = await kept('10.9.4.1');
  await server.waitForLine(/^holding 2$/);
  await believedAre(['10.9.3.1'], ['10.9.4.1']);
  trusting('10.9.4.0/24');
  await believedAre(['10.9.4.1'], ['10.9.3.1']);

  server.stdin.write('again\n');
  await server.waitForLine(/^\{"checked":2,"same":2,"changed":0,"gone":0\}$/);
  server.stdin.end();
  assert.equal(String(await known.read()), '::ffff:203.0.113.7 4242\n');
  assert.equal(String(await unknown.read()), '::ffff:10.9.4.1 40001\n');
  backend.client.reset(known);
  backend.client.reset(unknown);
  assert.deepEqual(counted(), { tagged: 3, untrusted: 3 });
});
