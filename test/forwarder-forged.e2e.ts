import assert from 'node:assert/strict';
import type { Endpoint, HandmadeConnection } from '../src/lab/handmade-connection.js';
import type { LabProcess } from '../src/lab/process.js';
import { FLAG, type Segment } from '../src/lab/segments.js';
import { waitUntil } from '../src/lab/wait.js';
import { createForwarderLab, FORWARDED, type ForwarderLab, type ServiceText } from './support/forwarded.js';
import { after, before, test } from './support/forwarder/test.js';
import { HandmadeClients } from './support/handmade-clients.js';
import { kernelCounter } from './support/kernel-counter.js';
import { option, options, toa } from './support/packets/options.js';
import { program } from './support/programs.js';
import { Puppet } from './support/puppet.js';

const { listen, backend } = FORWARDED;
const FAMILIES = ['ipv4', 'ipv6'] as const;
type Family = (typeof FAMILIES)[number];

/** Ports of services: an ordinary one, one that resets clients without a name, one whose connections soon expire. */
const PORT = { ordinary: 9000, strict: 9001, brief: { ipv4: 9002, ipv6: 9003 } } as const;
/** Whom attackers pretend to be. */
const FORGED = {
  ipv4: options(toa(254, '192.0.2.66', 6666)),
  ipv6: options(toa(254, '2001:db8:bad::66', 6666)),
} as const;
/** No room for anything else. */
const FULL = options(option(77, ...new Array<number>(38).fill(7)));
/** By which both numbers are moved: a SYN cookie says only how far apart they are. */
const DISTANCE = 5_000;
/** Nothing answers a SYN that gets no port, so it is sent again. */
const RETRANSMIT_MS = 500;
/** Bytes. */
const SENT = 5;

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function service(family: Family, port: number, changes: Partial<ServiceText> = {}): ServiceText {
  return {
    name: `${family}-${port}`,
    listen: `${inUrl(listen[family])}:${port}`,
    backends: [{ address: `${inUrl(backend[family])}:${port}` }],
    health: { type: 'none' },
    ...changes,
  };
}

let lab: ForwarderLab;
let clients: HandmadeClients | undefined;
before(async () => {
  lab = await createForwarderLab();
  lab.receive();
  clients = await HandmadeClients.behind(lab);
  // A cookie for every SYN: of a connection that is over the backend knows nothing any more.
  await lab.backend.run('sysctl', ['-w', 'net.ipv4.tcp_syncookies=2']);
  await lab.start({
    services: FAMILIES.flatMap((family) => [
      service(family, PORT.ordinary),
      service(family, PORT.strict, { toa: { on: ['ack', 'data'], onMissing: 'reset' } }),
      service(family, PORT.brief[family], { timeouts: { established: '2s' } }),
    ]),
  });
});
after(async () => {
  clients?.[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

/** Ways for a client to end a connection that was made with this one. */
const ENDS: Readonly<Record<string, (connection: HandmadeConnection) => void | Promise<void>>> = {
  resets: (connection) => connection.send({ flags: FLAG.RST | FLAG.ACK }),
  'closes in an orderly manner': async (connection) => {
    connection.send({ flags: FLAG.FIN | FLAG.ACK });
    await connection.read();
  },
};

for (const [title, end] of Object.entries(ENDS))
  for (const family of FAMILIES)
    test(`a client that ${title}, then forges the end of a handshake, is logged as itself: ${family}`, async () => {
      await using server = await serve(family, PORT.ordinary);
      const { connection, from } = await connect(family, PORT.ordinary);
      const { seq, ack } = connection;
      await connection.read();
      await end(connection);
      await waitUntil('the backend to forget the connection', async () => !(await isKnown(from)));
      connection.send({
        seq: (seq + DISTANCE) >>> 0,
        ack: (ack + DISTANCE) >>> 0,
        options: FORGED[family],
      });
      await waitUntil('a second connection to be accepted', () => logged(server).length > 1);
      assert.deepEqual(logged(server), [lineOf(from), lineOf(from)]);
    });

for (const family of FAMILIES)
  test(`with onMissing: reset, an acknowledgement that the backend cannot read names nobody: ${family}`, async () => {
    await using server = await serve(family, PORT.strict);
    const resets = lab.counted('resetMissing');
    const unread = await kernelCounter(lab.backend, 'TcpInCsumErrors');
    const connection = clients!.open(clients!.endpoint(family), at(family, PORT.strict));
    connection.send({ flags: FLAG.SYN });
    await connection.synAck();
    clients!.transmit(withWrongChecksum(connection.build()));
    await waitUntil('the backend to drop it', async () => {
      return (await kernelCounter(lab.backend, 'TcpInCsumErrors')) > unread;
    });
    connection.send({ options: FULL });
    const answer = await connection.next((segment) => isReset(segment) || segment.payload.length > 0);
    // Connections are accepted in turn: behind this one nothing of the other is to come.
    const { from } = await connect(family, PORT.strict);
    await waitUntil('the next client to be logged', () => logged(server).includes(lineOf(from)));
    assert.deepEqual(logged(server), [lineOf(from)]);
    assert.ok(isReset(answer), 'the client is told');
    assert.equal(lab.counted('resetMissing') - resets, 1n);
  });

for (const family of FAMILIES)
  test(`a connection that only the backend still believes in is nobody else’s: ${family}`, async () => {
    const server = await Puppet.listen(lab.backend, PORT.brief[family]);
    lab.limitPorts(1);
    // It would tell the backend of the connection's end.
    lab.daemon.kill('SIGKILL');
    await lab.daemon.exit;
    const former = await connect(family, PORT.brief[family]);
    assert.equal(unmapped(await server.says('open')), lineOf(former.from));
    const resets = lab.counted('resetFormer');

    const from = clients!.endpoint(family);
    const connection = clients!.open(from, at(family, PORT.brief[family]));
    // Without an answer for as long as the port is the former client's.
    const { flags, seq } = await untilAnswered(connection);
    assert.equal(flags, FLAG.SYN | FLAG.ACK, 'nothing else answers');
    connection.ack = (seq + 1) >>> 0;
    connection.send();
    assert.equal(await server.says('error'), 'ECONNRESET');
    await server.says('close');
    assert.equal(unmapped(await server.says('open')), lineOf(from));
    server.tell(`send ${SENT}`);
    assert.equal((await connection.read(({ length }) => length >= SENT)).length, SENT);
    assert.ok(lab.counted('resetFormer') > resets);
  });

/** Where a service listens. */
function at(family: Family, port: number): Endpoint {
  return { address: listen[family], port };
}

/** Starts a server that logs whom it takes its clients for. */
async function serve(family: Family, port: number): Promise<LabProcess> {
  const server = lab.backend.spawn(program('peername-server'), [backend[family], `${port}`, '--log']);
  await server.waitForPort(port);
  return server;
}

/** Everybody whom a server has accepted, in order. */
function logged(server: LabProcess): string[] {
  return server.stdout.text.split('\n').slice(1, -1);
}

/** Shakes hands as another client. */
async function connect(
  family: Family,
  port: number,
): Promise<{ readonly connection: HandmadeConnection; readonly from: Endpoint }> {
  const from = clients!.endpoint(family);
  return { connection: await clients!.connect({ from, to: at(family, port) }), from };
}

/** Sends the SYN again and again, and takes the first segment that comes. */
async function untilAnswered(connection: HandmadeConnection): Promise<Segment> {
  const { seq } = connection;
  connection.send({ flags: FLAG.SYN });
  const retransmission = setInterval(() => connection.send({ flags: FLAG.SYN, seq }), RETRANSMIT_MS);
  return await connection.next().finally(() => clearInterval(retransmission));
}

/** Whether the backend has a client's connection in any state. */
async function isKnown({ port }: Endpoint): Promise<boolean> {
  const { local } = lab.connections().find(({ client }) => client.port === port)!;
  const here = ['-Htan', 'state', 'connected', `dport = :${local.port}`];
  return (await lab.backend.run('ss', here)).stdout !== '';
}

/** A packet whose TCP checksum, behind an IP header without options, is wrong. */
function withWrongChecksum(packet: Uint8Array): Uint8Array {
  const wrong = Uint8Array.from(packet);
  wrong[(packet[0]! >> 4 === 4 ? 20 : 40) + 16]! ^= 0x55;
  return wrong;
}

function isReset({ flags }: Segment): boolean {
  return (flags & FLAG.RST) !== 0;
}

/** An endpoint as the servers log it. */
function lineOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** An address as it was before a socket of both families took it. */
function unmapped(address: string): string {
  return address.replace('::ffff:', '');
}
