import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { after, before, test } from 'node:test';
import { encodeOption, Format } from '../src/wire/index.js';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { hex } from './support/options.js';

const PORT = 8000;
const REFUSED = { line: '::ffff:10.9.0.2 40000', outcome: 'bad-client' } as const;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const see = (ackOptions: Uint8Array) => backend.see({ port: PORT, ackOptions });

function named(address: string): Uint8Array {
  const format = isIPv4(address) ? Format.IPV4 : Format.IPV6;
  return encodeOption({ kind: 254, format, client: { address, port: 4242 } });
}

async function believed(...addresses: string[]): Promise<void> {
  for (const address of addresses) {
    const line = `${isIPv4(address) ? '::ffff:' : ''}${address} 4242`;
    assert.deepEqual(await see(named(address)), { line, outcome: 'tagged' }, address);
  }
}

async function refused(...addresses: string[]): Promise<void> {
  for (const address of addresses) assert.deepEqual(await see(named(address)), REFUSED, address);
}

const LOOPBACK = ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1'];
const NEAR_LOOPBACK = ['126.255.255.255', '128.0.0.0', '::2'];
const PRIVATE = [
  ...['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ...['fc00::', 'fdff:ffff::1'],
];
const NEAR_PRIVATE = [
  ...['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
  ...['fbff::1', 'fe00::1'],
];

test('addresses that no client can have are refused, and counted', async () => {
  backend.attach();
  await refused('0.0.0.0', '0.255.255.255', '224.0.0.1', '239.255.255.255', '255.255.255.255');
  await refused('::', 'ff00::', 'ff02::1', 'ffff:ffff::');
  await believed('1.0.0.0', '223.255.255.255', '240.0.0.1', '255.255.255.254', '2001:db8::', 'feff::1');
});

test('port 0 is refused', async () => {
  assert.deepEqual(await see(hex('fe08 0000 cb007107')), REFUSED);
  assert.deepEqual(await see(hex('fe14 0000 20010db8000000000000000000000007')), REFUSED);
});

test('an IPv4 address in an IPv6 option is refused, whatever its form would be on the wire', async () => {
  assert.deepEqual(await see(hex('fe14 1092 00000000000000000000ffff cb007107')), REFUSED);
  assert.deepEqual(await see(hex('fe14 1092 00000000000000000000ffff 7f000001')), REFUSED);
});

test('loopback and private clients are believed', () => believed(...LOOPBACK, ...PRIVATE));

test('… but not with --refuse loopback', async () => {
  backend.attach({ refuse: ['loopback'] });
  await refused(...LOOPBACK);
  await believed(...NEAR_LOOPBACK, ...PRIVATE);
});

test('… nor with --refuse private', async () => {
  backend.attach({ refuse: ['private'] });
  await refused(...PRIVATE);
  await believed(...NEAR_PRIVATE, ...LOOPBACK);
});

test('… and neither with both', async () => {
  backend.attach({ refuse: ['loopback', 'private'] });
  await refused(...LOOPBACK, ...PRIVATE);
  await believed(...NEAR_LOOPBACK, ...NEAR_PRIVATE);
});
