import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';

const OLDER = 8000;
const PORT = 8001;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  await backend.serve('peername-server', '::', OLDER);
  backend.attach({ profiles: ['alibaba-cdn', 'dpvs'] });
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const SAVING = 8002;

/**
 * Has its SYNs kept with all headers (TCP_SAVE_SYN 2), and says that it has, whose a connection is, and whether its SYN is
 * there.
 */
const SAVING_SERVER = `
import socket
listener = socket.socket()
listener.setsockopt(socket.IPPROTO_TCP, 27, 2)
listener.bind(("0.0.0.0", ${SAVING}))
listener.listen()
end, (address, port) = listener.accept()
kept = len(end.getsockopt(socket.IPPROTO_TCP, 28, 200)) > 0
print(listener.getsockopt(socket.IPPROTO_TCP, 27), address, kept, flush=True)
input()
`;

const V4 = hex('1c07 01 cb007107');
const V6 = hex('1c13 01 20010db8000000000000000000000007');
const PEER = '::ffff:10.9.0.2 40000';

test('alibaba-cdn: the SYN’s option tells the client; the port stays the transport’s', async () => {
  const v4 = await backend.see({ port: PORT, synOptions: V4 });
  assert.deepEqual(v4, { line: '::ffff:203.0.113.7 40000', outcome: 'tagged' });
  const v6 = await backend.see({ port: PORT, over: 'ipv6', synOptions: V6 });
  assert.deepEqual(v6, { line: '2001:db8::7 40000', outcome: 'tagged' });
});

test('behind the options that clients send, too', async () => {
  const ordinary = (c: { timestamps(): Uint8Array }): Uint8Array =>
    Buffer.concat([hex('020405b4 0402'), c.timestamps(), hex('01 030307')]);
  const seen = await backend.see({ port: PORT, synOptions: (c) => Buffer.concat([ordinary(c), V4]) });
  assert.deepEqual(seen, { line: '::ffff:203.0.113.7 40000', outcome: 'tagged' });
});

test('a client on the completing segment goes first', async () => {
  const seen = await backend.see({ port: PORT, synOptions: V4, ackOptions: CLIENT.ipv6 });
  assert.deepEqual(seen, { line: '2001:db8::7 4242', outcome: 'tagged' });
});

test('what is no client there does not hide the SYN’s', async () => {
  // A kind that is not enabled, the same option once more, another protocol's use of kind 254.
  for (const options of ['c808 1092 c6336401', '1c07 01 cb007107', 'fe06 e2d4c3d9']) {
    const seen = await backend.see({ port: PORT, synOptions: V4, ackOptions: hex(options) });
    assert.deepEqual(seen, { line: '::ffff:203.0.113.7 40000', outcome: 'tagged' }, options);
  }
});

test('a SYN without the option leaves what the completing segment said', async () => {
  const seen = await backend.see({ port: PORT, ackOptions: hex('c808 1092 c6336401') });
  assert.deepEqual(seen, { line: PEER, outcome: 'other-kind' });
});

test('the rules of the completing segment are not those of the SYN', async () => {
  assert.deepEqual(await backend.see({ port: PORT, synOptions: CLIENT.ipv4 }), {
    line: PEER,
    outcome: 'other-kind',
  });
  assert.deepEqual(await backend.see({ port: PORT, ackOptions: V4 }), { line: PEER, outcome: 'other-kind' });
});

test('a listener older than the receiver does not keep the SYN', async () => {
  assert.deepEqual(await backend.see({ port: OLDER, synOptions: V4 }), { line: PEER, outcome: 'no-option' });
});

test('a listener that has its SYNs kept in a way of its own still has', async () => {
  const server = backend.host.spawn('python3', ['-c', SAVING_SERVER]);
  await server.waitForPort(SAVING);
  const connection = await backend.connect({ port: SAVING, synOptions: V4 });
  assert.equal((await server.stdout.lines().next()).value, '2 203.0.113.7 True');
  backend.client.reset(connection);
});

test('SYN cookies forget the SYN', async () => {
  await backend.host.run('sysctl', ['-w', 'net.ipv4.tcp_syncookies=2']);
  assert.deepEqual(await backend.see({ port: PORT, synOptions: V4 }), { line: PEER, outcome: 'no-option' });
});
