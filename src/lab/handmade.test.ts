import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { TunError } from '../kernel/tun.js';
import { HandmadeClient } from './handmade.js';
import type { Endpoint } from './handmade-connection.js';
import { checksumsAreRight, FLAG, parseSegment } from './segments.js';
import { timestampsOption, tsvalOf } from './tcp-options.js';
import { openTun, type Tun } from './tun.js';

const BIG = 1_000_000;

/** Says who connected, then returns what it gets; `big` asks for a million bytes. */
const server = createServer((socket: Socket) => {
  socket.on('error', () => {});
  socket.write(`${socket.remoteAddress} ${socket.remotePort}\n`);
  socket.on('data', (data) => {
    if (String(data).startsWith('big')) socket.end(Buffer.alloc(BIG, 'x'));
    else socket.write(data);
  });
});

let tun: Tun;
let client: HandmadeClient;
let to: Endpoint;

before(async () => {
  tun = openTun('hand0');
  await tun.configure({ ipv4: '10.9.0.1/16', ipv6: 'fd09::1/64' });
  client = new HandmadeClient(tun);
  server.listen(0, '::', 8192);
  await once(server, 'listening');
  to = { address: '10.9.0.1', port: (server.address() as AddressInfo).port };
});

after(() => {
  server.close();
  tun[Symbol.dispose]();
});

const lines = (count: number) => (received: Buffer) => received.toString().split('\n').length > count;

test('a real server answers a handshake made by hand, over IPv4 and IPv6', async () => {
  const from = { address: '10.9.3.4', port: 4242 };
  const answer = await client.exchange({ from, to, payload: 'hello\n', enough: lines(2) });
  assert.equal(String(answer), '::ffff:10.9.3.4 4242\nhello\n');
  const six = await client.exchange({
    from: { address: 'fd09:0::0:2', port: 4242 },
    to: { ...to, address: 'fd09::1' },
    payload: 'hello\n',
    enough: lines(2),
  });
  assert.equal(String(six), 'fd09::2 4242\nhello\n');
});

test('any option bytes go on any segment, malformed ones too', async () => {
  const full = new Uint8Array(40).fill(1);
  const answer = await client.exchange({
    from: { address: '10.9.3.5', port: 1 },
    to,
    synOptions: Uint8Array.of(200, 8, 0, 1, 2, 3, 4, 5),
    ackOptions: Uint8Array.of(254, 255, 1),
    dataOptions: full,
    payload: 'x\n',
    enough: lines(2),
  });
  assert.equal(String(answer), '::ffff:10.9.3.5 1\nx\n');
});

test('timestamps are negotiated, and echoed with the value the server sent last', async () => {
  const connection = client.open({ address: '10.9.3.6', port: 2 }, to);
  connection.send({ flags: FLAG.SYN, options: (c) => c.timestamps() });
  const synAck = await connection.synAck();
  const tsval = tsvalOf(synAck.options);
  assert.ok(tsval !== undefined, 'the server accepted timestamps');
  const echo = connection.timestamps();
  assert.deepEqual(echo.subarray(8), timestampsOption(0, tsval).subarray(8));
  connection.send({ options: echo });
  assert.equal(String(await connection.read()), '::ffff:10.9.3.6 2\n');
  client.reset(connection);
});

test('without the third ACK, the first data completes the handshake', async () => {
  const answer = await client.exchange({
    from: { address: '10.9.3.7', port: 3 },
    to,
    lostAck: true,
    payload: 'late\n',
    enough: lines(2),
  });
  assert.equal(String(answer), '::ffff:10.9.3.7 3\nlate\n');
});

test('segments can be sent out of order and twice', async () => {
  const connection = await client.connect({ from: { address: '10.9.3.8', port: 4 }, to });
  const start = connection.seq;
  const first = { flags: FLAG.PSH | FLAG.ACK, payload: 'one ' };
  const late = connection.build(first);
  connection.advance(first);
  connection.send({ flags: FLAG.PSH | FLAG.ACK, payload: 'two\n' });
  tun.send(late);
  connection.send({ ...first, seq: start });
  assert.equal(connection.seq, (start + 8) >>> 0);
  assert.equal(String(await connection.read(lines(2))), '::ffff:10.9.3.8 4\none two\n');
  client.reset(connection);
});

test('long answers are collected whole, to the end of the stream', async () => {
  const connection = await client.connect({ from: { address: '10.9.3.9', port: 5 }, to });
  await connection.read();
  connection.send({ flags: FLAG.PSH | FLAG.ACK, payload: 'big' });
  assert.equal((await connection.read(() => false)).length, BIG);
  client.reset(connection);
});

test('a closed port is reported at once', async () => {
  const closed = { ...to, port: 1 };
  await assert.rejects(
    client.connect({ from: { address: '10.9.4.1', port: 6 }, to: closed }),
    /answered with RST/,
  );
});

test('packets of nobody are for the caller; the kernel made their checksums', async () => {
  const connection = client.open({ address: '10.9.4.2', port: 7 }, to);
  client.reset(connection);
  tun.send(connection.build({ flags: FLAG.SYN }));
  const packet = await tun.next((packet) => parseSegment(packet)?.dport === 7);
  assert.equal(parseSegment(packet)?.flags, FLAG.SYN | FLAG.ACK);
  assert.ok(checksumsAreRight(packet));
  connection.ack = (parseSegment(packet)!.seq + 1) >>> 0;
  tun.send(connection.build({ flags: FLAG.RST | FLAG.ACK }));
});

test('10,000 connections, each its own address, none swapped', async () => {
  const count = 10_000;
  const connectOne = async (i: number): Promise<void> => {
    const from = { address: `10.9.${128 + (i >> 8)}.${i & 255}`, port: 1024 + i };
    const answer = await client.exchange({ from, to, payload: 'x\n', enough: lines(2) });
    assert.equal(String(answer), `::ffff:${from.address} ${from.port}\nx\n`);
  };
  const next = Array.from({ length: count }, (_, i) => i);
  const worker = async (): Promise<void> => {
    for (let i = next.pop(); i !== undefined; i = next.pop()) await connectOne(i);
  };
  await Promise.all(Array.from({ length: 200 }, worker));
});

test('a device that cannot be made says why', () => {
  assert.throws(
    () => openTun('a name that is too long'),
    (error) =>
      error instanceof TunError && /"a name that is too long" is no interface name/.test(error.message),
  );
  assert.throws(() => openTun('hand0'), /cannot make the TUN device "hand0": EBUSY/);
});
