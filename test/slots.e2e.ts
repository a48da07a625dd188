import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { HandmadeConnection } from '../src/lab/handmade-connection.js';
import type { LabProcess } from '../src/lab/process.js';
import { FLAG } from '../src/lab/segments.js';
import { waitUntil } from '../src/lab/wait.js';
import { listConnections } from '../src/receiver/connections.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { lacking } from './support/needs.js';
import { CLIENT } from './support/options.js';
import { slotOwners, takeEverySlot } from './support/slots.js';

const PORT = 8000;
const CLIENT_TEXT = '203.0.113.7 4242';

/** Does what it is told line by line, and answers each with a line. */
const SERVER = `
import errno, socket, struct, sys
listener = socket.create_server(("0.0.0.0", ${PORT}))
def accept():
    global end
    end, peer = listener.accept()
    return "%s %d" % peer
def ask():
    return "%s %d" % end.getpeername()
def read():
    return repr(end.recv(100))
def shut():
    end.shutdown(socket.SHUT_WR)
def close():
    end.close()
def abort():
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
def unlisten():
    listener.close()
print("ready", flush=True)
for line in sys.stdin:
    try:
        print(globals()[line.strip()](), flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
`;

/** A server that does as it is told. */
class Server {
  readonly #process: LabProcess;
  readonly #lines: AsyncGenerator<string, void, undefined>;

  constructor(process: LabProcess) {
    this.#process = process;
    this.#lines = process.stdout.lines();
  }

  async start(): Promise<void> {
    assert.equal((await this.#lines.next()).value, 'ready');
  }

  /** @returns what it answers. */
  async does(what: string): Promise<string | undefined> {
    this.#process.stdin.write(`${what}\n`);
    return (await this.#lines.next()).value ?? undefined;
  }

  stop(): Promise<unknown> {
    return this.#process.stop();
  }
}

const skip = lacking('slots');

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
});
after(() => backend[Symbol.asyncDispose]());

let server: Server;
beforeEach(async () => {
  backend.attach();
  server = new Server(backend.host.spawn('python3', ['-c', SERVER]));
  await server.start();
});
afterEach(async () => {
  await server.stop();
  detachReceiver();
});

const connect = () => backend.connect({ port: PORT, ackOptions: CLIENT.ipv4 });
const owned = () => slotOwners().length;
const freed = () => waitUntil('the connection’s slot to be free', async () => owned() === 0);

/** A tagged connection that its server has accepted. */
async function accepted(): Promise<HandmadeConnection> {
  const connection = await connect();
  assert.equal(await server.does('accept'), CLIENT_TEXT);
  assert.equal(owned(), 1);
  assert.deepEqual(
    listConnections().map(({ client }) => client),
    [{ address: '203.0.113.7', port: 4242 }],
  );
  return connection;
}

/** Acknowledges the server's FIN. */
async function acknowledgeFin(connection: HandmadeConnection): Promise<void> {
  const { seq } = await connection.next(({ flags }) => (flags & FLAG.FIN) !== 0);
  connection.ack = (seq + 1) >>> 0;
  connection.send();
}

/** The ways in which a connection ends once it was accepted, each of which leaves nothing behind. */
const ENDS: Readonly<Record<string, (connection: HandmadeConnection) => Promise<void>>> = {
  'the client closes first': async (connection) => {
    connection.send({ flags: FLAG.FIN | FLAG.ACK });
    assert.equal(await server.does('read'), "b''");
    assert.equal(await server.does('ask'), CLIENT_TEXT);
    await server.does('close');
    await acknowledgeFin(connection);
  },
  'the server closes first': async (connection) => {
    await server.does('close');
    await acknowledgeFin(connection);
    connection.send({ flags: FLAG.FIN | FLAG.ACK });
  },
  'the server shuts down, and closes when all is over': async (connection) => {
    connection.send({ flags: FLAG.FIN | FLAG.ACK });
    await server.does('shut');
    await acknowledgeFin(connection);
    await freed();
    assert.equal(await server.does('ask'), 'ENOTCONN');
    await server.does('close');
  },
  'the client resets it': async (connection) => {
    connection.send({ flags: FLAG.RST | FLAG.ACK });
    assert.equal(await server.does('read'), 'ECONNRESET');
    assert.equal(await server.does('ask'), 'ENOTCONN');
    await server.does('close');
  },
  'the server resets it': async () => {
    await server.does('abort');
  },
  'the server closes it without having read everything': async (connection) => {
    connection.send({ flags: FLAG.PSH | FLAG.ACK, payload: 'unread' });
    await connection.next(({ ack }) => ack === connection.seq);
    await server.does('close');
  },
};

for (const [name, end] of Object.entries(ENDS))
  test(`a slot is free again: ${name}`, { skip }, async () => {
    const connection = await accepted();
    await end(connection);
    await freed();
    assert.deepEqual(listConnections(), []);
    backend.client.reset(connection);
  });

test('accept() tells the client of a connection that was reset before', { skip }, async () => {
  const connection = await connect();
  await waitUntil('the connection', async () => owned() === 1);
  backend.client.reset(connection);
  await freed();
  assert.equal(await server.does('accept'), CLIENT_TEXT);
  assert.equal(await server.does('ask'), 'ENOTCONN');
});

test('so it does when another connection has the slot by then', { skip }, async () => {
  const connection = await connect();
  await waitUntil('the connection', async () => owned() === 1);
  backend.client.reset(connection);
  await freed();
  takeEverySlot();
  assert.equal(await server.does('accept'), CLIENT_TEXT);
});

test('a slot is free again: the listener is closed before it accepts', { skip }, async () => {
  const connection = await connect();
  await waitUntil('the connection', async () => owned() === 1);
  await server.does('unlisten');
  await freed();
  assert.deepEqual(listConnections(), []);
  backend.client.reset(connection);
});

test('a connection whose slot is another’s is known all the same', { skip }, async () => {
  takeEverySlot();
  const connection = await connect();
  assert.equal(await server.does('accept'), CLIENT_TEXT);
  assert.equal(await server.does('ask'), CLIENT_TEXT);
  assert.deepEqual(
    listConnections().map(({ client }) => client),
    [{ address: '203.0.113.7', port: 4242 }],
  );
  backend.client.reset(connection);
  await server.does('close');
  await waitUntil('the connection to be gone', async () => listConnections().length === 0);
  assert.equal(owned(), 65_536);
});

test('a connection without TOA takes no slot', { skip }, async () => {
  const connection = await backend.connect({ port: PORT });
  assert.equal(await server.does('accept'), '10.9.0.2 40000');
  assert.equal(owned(), 0);
  backend.client.reset(connection);
});
