import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FLAG } from '../src/lab/segments.js';
import { listConnections } from '../src/receiver/connections.js';
import { BACKEND, createHandmadeBackend, FORWARDER, type HandmadeBackend } from './support/handmade.js';
import { connectMptcp } from './support/handmade-mptcp.js';
import { lacking } from './support/needs.js';
import { CLIENT } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

const PORT = 8000;
const MPTCP_PORT = 8001;
const OWN_PORT = 8002;

/** Accepts a connection, says whose it is, dissolves it (connect(2), AF_UNSPEC), and connects the socket elsewhere. */
const SERVER = (protocol: 'TCP' | 'MPTCP', port: number) => `
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
protocol = ${protocol === 'TCP' ? 6 : 262}
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
listener.bind(("0.0.0.0", ${port}))
listener.listen()
other = socket.create_server(("127.0.0.1", 0))
end, _ = listener.accept()
print(*end.getpeername(), flush=True)
assert libc.connect(end.fileno(), bytes(16), 16) == 0
try:
    end.connect(other.getsockname())
except OSError as error:
    print('refused:', error, flush=True)
    raise
print(end.getpeername() == other.getsockname(), *end.getpeername(), flush=True)
input()
`;

/** Connects to the forwarder, and says whom it is connected to. */
const CONNECTS = `
import socket
end = socket.socket()
end.bind(("${BACKEND.ipv4}", ${OWN_PORT}))
end.connect(("${FORWARDER.ipv4.address}", ${FORWARDER.ipv4.port}))
print(*end.getpeername(), flush=True)
input()
`;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
});
after(() => backend[Symbol.asyncDispose]());

test('a socket that its server dissolves and connects elsewhere says whom it is connected to', async () => {
  const server = backend.host.spawn('python3', ['-c', SERVER('TCP', PORT)]);
  const lines = server.stdout.lines();
  await server.waitForPort(PORT);
  const connection = await backend.connect({ port: PORT, ackOptions: CLIENT.ipv4 });
  assert.equal((await lines.next()).value, '203.0.113.7 4242');
  assert.match((await lines.next()).value ?? '', /^True /);
  assert.deepEqual(listConnections(), []);
  backend.client.reset(connection);
});

test('so it does with MPTCP', { skip: lacking('mptcp') }, async (t) => {
  const server = backend.host.spawn('python3', ['-c', SERVER('MPTCP', MPTCP_PORT)]);
  const lines = server.stdout.lines();
  await server.waitForPort(MPTCP_PORT);
  const connection = await connectMptcp(backend, MPTCP_PORT, CLIENT.ipv4);
  assert.equal((await lines.next()).value, '203.0.113.7 4242');
  const { value: says = '' } = await lines.next();
  backend.client.reset(connection);
  if (says.startsWith('refused:')) return t.skip(`this kernel connects no such socket anew: ${says}`);
  assert.match(says, /^True /);
  assert.deepEqual(listConnections(), []);
});

// A simultaneous open: the handshake ends as that of a connection which was accepted.
test('a socket that connects is nobody’s client, whatever its peer says in a handshake of its own', async () => {
  const counted = outcomesOf();
  const connection = backend.client.open(FORWARDER.ipv4, { address: BACKEND.ipv4, port: OWN_PORT });
  const lines = backend.host.spawn('python3', ['-c', CONNECTS]).stdout.lines();
  await connection.next(({ flags }) => flags === FLAG.SYN);
  const syn = { flags: FLAG.SYN, seq: connection.seq };
  connection.send(syn);
  connection.advance(syn);
  await connection
    .next(({ flags }) => flags === (FLAG.SYN | FLAG.ACK))
    .then(({ seq }) => {
      connection.ack = (seq + 1) >>> 0;
    });
  connection.send({ options: CLIENT.ipv4 });
  assert.equal((await lines.next()).value, `${FORWARDER.ipv4.address} ${FORWARDER.ipv4.port}`);
  assert.deepEqual(counted(), { 'no-option': 1 });
  assert.deepEqual(listConnections(), []);
  backend.client.reset(connection);
});
