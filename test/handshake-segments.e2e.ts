import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { HandmadeConnection } from '../src/lab/handmade-connection.js';
import { FLAG } from '../src/lab/segments.js';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { clientNumber } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

const PORT = 8000;
const KEPT = 8001;
const DATA = FLAG.PSH | FLAG.ACK;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const one = clientNumber(1);
const two = clientNumber(2);
const CLIENT_ONE = { line: '::ffff:198.51.100.1 4242', outcome: 'tagged' } as const;
const FORWARDER = { line: '::ffff:10.9.0.2 40000', outcome: 'no-option' } as const;

const withTimestamps =
  (before: Uint8Array, behind: Uint8Array = new Uint8Array()) =>
  (connection: HandmadeConnection): Uint8Array =>
    Buffer.concat([before, connection.timestamps(), behind]);

const cases: Record<string, [Omit<Attempt, 'port'>, typeof CLIENT_ONE | typeof FORWARDER]> = {
  'the third ACK got lost: the first data tells the client': [
    { lostAck: true, behind: (c) => c.send({ flags: DATA, payload: 'x', options: one }) },
    CLIENT_ONE,
  ],
  'the third ACK and the first data change places: the data tells the client': [
    {
      lostAck: true,
      behind: (c) => {
        const ack = c.seq;
        c.send({ flags: DATA, payload: 'x', options: one });
        c.send({ seq: ack, options: two });
      },
    },
    CLIENT_ONE,
  ],
  'the second data comes first: it tells the client': [
    {
      lostAck: true,
      behind: (c) => {
        const first = c.seq;
        c.advance({ payload: 'x' });
        c.send({ flags: DATA, payload: 'y', options: one });
        c.send({ flags: DATA, seq: first, payload: 'x', options: two });
      },
    },
    CLIENT_ONE,
  ],
  'a FIN with the only data, the third ACK lost': [
    { lostAck: true, behind: (c) => c.send({ flags: DATA | FLAG.FIN, payload: 'x', options: one }) },
    CLIENT_ONE,
  ],
  'an ACK of what was not sent is refused, and completes nothing': [
    {
      lostAck: true,
      behind: async (c) => {
        c.send({ ack: c.ack + 1, options: two });
        await c.next(({ flags }) => (flags & FLAG.RST) !== 0);
        c.send({ options: one });
      },
    },
    CLIENT_ONE,
  ],
  'the SYN’s option is not read': [{ synOptions: two, ackOptions: one }, CLIENT_ONE],
  'nor where nothing else has one': [{ synOptions: one }, FORWARDER],
  'an option on data behind the handshake comes too late': [
    { behind: (c) => c.send({ flags: DATA, payload: 'x', options: one }) },
    FORWARDER,
  ],
  'timestamps behind the option': [
    { synOptions: withTimestamps(new Uint8Array()), ackOptions: withTimestamps(one) },
    CLIENT_ONE,
  ],
  'timestamps before the option': [
    { synOptions: withTimestamps(new Uint8Array()), ackOptions: withTimestamps(new Uint8Array(), one) },
    CLIENT_ONE,
  ],
};

for (const [title, [attempt, expected]] of Object.entries(cases))
  test(title, async () => {
    assert.deepEqual(await backend.see({ port: PORT, ...attempt }), expected);
  });

test('a retransmitted SYN changes nothing', async () => {
  const counted = outcomesOf();
  const connection = backend.client.open(
    { address: '10.9.0.3', port: 1 },
    { address: '10.9.0.1', port: PORT },
  );
  const syn = connection.seq;
  connection.send({ flags: FLAG.SYN });
  connection.send({ flags: FLAG.SYN, seq: syn, options: two });
  const first = await connection.synAck();
  assert.equal((await connection.synAck()).seq, first.seq);
  connection.send({ options: one });
  assert.equal(String(await connection.read()), `${CLIENT_ONE.line}\n`);
  backend.client.reset(connection);
  assert.deepEqual(counted(), { tagged: 1 });
});

test('no segment behind the handshake changes the client', async () => {
  const counted = outcomesOf();
  const server = await backend.serve('keep-peers', '::', KEPT, ['1']);
  const connection = await backend.connect({ port: KEPT, ackOptions: one });
  await server.waitForLine(/^holding 1$/);
  const ack = connection.seq;
  connection.send({ options: two });
  connection.send({ flags: DATA, payload: 'x', options: two });
  connection.send({ flags: DATA, seq: ack, payload: 'x', options: two });
  connection.send({ flags: FLAG.SYN, seq: ack - 1, options: two });
  server.stdin.write('again\n');
  await server.waitForLine(/^\{"checked":1,"same":1,"changed":0,"gone":0\}$/);
  server.stdin.end();
  assert.equal(String(await connection.read()), `${CLIENT_ONE.line}\n`);
  backend.client.reset(connection);
  assert.deepEqual(counted(), { tagged: 1 });
});
