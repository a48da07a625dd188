import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listeningSockets, parseListening } from './listening.js';

test('the sockets that listen, of those in a file of /proc', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0A0200C0:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:A2B4 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
`;
  assert.deepEqual(parseListening(text), [
    { address: '127.0.0.1', port: 8080, inode: 4711 },
    { address: '192.0.2.10', port: 443, inode: 4712 },
  ]);
  const v6 = `  sl  local_address
   0: B80D0120000000000000000010000000:0050 00000000000000000000000000000000:0000 0A
   1: 0000000000000000FFFF00000A0200C0:0050 00000000000000000000000000000000:0000 0A
   2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A
`;
  assert.deepEqual(
    parseListening(v6).map(({ address, port }) => ({ address, port })),
    [
      { address: '2001:db8::10', port: 80 },
      { address: '192.0.2.10', port: 80 },
      { address: '::', port: 22 },
    ],
  );
});

test('a server of this process is among them', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  assert.ok(listeningSockets().some((socket) => socket.address === '127.0.0.1' && socket.port === port));
  server.close();
});
