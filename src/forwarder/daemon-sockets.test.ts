import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { socketsOf } from './daemon-sockets.js';
import { listeningSockets } from './listening.js';

test('what a process listens on is known by its sockets', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const found = listeningSockets().find((socket) => socket.address === '127.0.0.1' && socket.port === port);
  assert.ok(found && socketsOf(process.pid).has(found.inode));
  server.close();
  assert.ok(!socketsOf(process.pid).has(found.inode));
});
