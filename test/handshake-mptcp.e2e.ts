import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openCgroup } from '../src/kernel/cgroup.js';
import { attachToCgroup, CgroupHook } from '../src/kernel/cgroup-link.js';
import { LoadedObject } from '../src/kernel/object.js';
import { waitUntil } from '../src/lab/wait.js';
import { readStats } from '../src/receiver/stats.js';
import type { TemporaryTagger } from '../src/tagger/temporary.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import type { Family } from './support/clients.js';
import { kernelCounter } from './support/kernel-counter.js';
import { serve } from './support/load.js';
import { lacking } from './support/needs.js';
import { type Counted, outcomesOf } from './support/outcomes.js';

const MPTCP = 262;
const TCP = 6;
const PORT = 9000;
const ASKED = 9001;
const HASTY = 9002;
const HASTY_CONNECTIONS = 100;

/** Connects from a client's address, as proxies do, and prints the server's line. */
const CLIENT = `
import socket, sys
address, port, client, protocol = sys.argv[1:]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM, int(protocol)) as s:
    s.bind((client, 4242))
    s.connect((address, int(port)))
    s.send(b'x')
    print(s.makefile().readline(), end='', flush=True)
`;

/**
 * Accepts one MPTCP connection, and prints what it says of its peer at once and for every line it is sent. The
 * listener stays: it is what answers to further subflows.
 */
const ASKED_SERVER = `
import socket, sys
listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, ${MPTCP})
listener.bind(('::', ${ASKED}))
listener.listen()
s, peer = listener.accept()
print('accepted', peer[:2], flush=True)
for line in sys.stdin:
    info = s.getsockopt(socket.IPPROTO_TCP, 0x5450, 72)
    print('asked', s.getpeername()[:2], info[:16].hex(), info[48:50].hex(), flush=True)
`;

/** Asks for connections all the time, and counts those that accept() says to be anybody else's than the client's. */
const HASTY_SERVER = `
import os, socket
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, ${MPTCP})
listener.bind(('0.0.0.0', ${HASTY}))
listener.listen()
listener.setblocking(False)
accepted = wrong = 0
while accepted < ${HASTY_CONNECTIONS}:
    try:
        s, peer = listener.accept()
    except BlockingIOError:
        continue
    accepted += 1
    wrong += peer != ('${ADDRESSES.client.ipv4}', 4242)
    s.close()
print('wrong', wrong, flush=True)
`;
const HASTY_CLIENT = `
import os, socket
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
for _ in range(${HASTY_CONNECTIONS}):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, ${MPTCP}) as s:
        s.bind(('${ADDRESSES.client.ipv4}', 4242))
        s.connect(('${ADDRESSES.backend.ipv4}', ${HASTY}))
        s.recv(1)
`;

const skip = lacking('mptcp');

let chain: Chain;
let tagger: TemporaryTagger;
before(async () => {
  if (skip) return;
  chain = await createChain();
  chain.attach();
  tagger = chain.tag();
  await serve(chain.backend, 'peername-server', PORT, ['--mptcp']);
});
after(() => chain?.[Symbol.asyncDispose]());

const setTimestamps = (on: 0 | 1) => chain.forwarder.run('sysctl', ['-w', `net.ipv4.tcp_timestamps=${on}`]);

interface Taken {
  readonly line: string;
  readonly counted: Counted;
  /** Connections that were MPTCP to the end of the handshake. */
  readonly mptcp: number;
}

async function connect(family: Family, protocol: number): Promise<Taken> {
  const { backend, forwarder } = chain;
  const counted = outcomesOf();
  const before = await kernelCounter(backend, 'MPTcpExtMPCapableACKRX');
  const options = [ADDRESSES.backend[family], String(PORT), ADDRESSES.client[family], String(protocol)];
  const { stdout } = await forwarder.run('python3', ['-c', CLIENT, ...options], { cgroup: 'proxy' });
  const mptcp = (await kernelCounter(backend, 'MPTcpExtMPCapableACKRX')) - before;
  return { line: stdout.trimEnd(), counted: counted(), mptcp };
}

test('an MPTCP listener sees the client of plain TCP connections', { skip }, async () => {
  const counted = { tagged: 1 };
  const { ipv4, ipv6 } = ADDRESSES.client;
  assert.deepEqual(await connect('ipv4', TCP), { line: `::ffff:${ipv4} 4242`, counted, mptcp: 0 });
  assert.deepEqual(await connect('ipv6', TCP), { line: `${ipv6} 4242`, counted, mptcp: 0 });
});

test('… and of MPTCP connections: with timestamps an IPv4 client’s option fills the 40 bytes', {
  skip,
}, async () => {
  const counted = { tagged: 1 };
  const { client, forwarder } = ADDRESSES;
  assert.deepEqual(await connect('ipv4', MPTCP), { line: `::ffff:${client.ipv4} 4242`, counted, mptcp: 1 });

  const { line, ...rest } = await connect('ipv6', MPTCP);
  assert.match(line, new RegExp(`^${forwarder.ipv6} `), 'an IPv6 client’s option has no room there');
  assert.deepEqual(rest, { counted: { 'no-option': 1 }, mptcp: 1 });
});

test('… without timestamps an IPv6 client’s option has room, too', { skip }, async () => {
  await setTimestamps(0);
  const counted = { tagged: 1 };
  const { ipv4, ipv6 } = ADDRESSES.client;
  assert.deepEqual(await connect('ipv4', MPTCP), { line: `::ffff:${ipv4} 4242`, counted, mptcp: 1 });
  assert.deepEqual(await connect('ipv6', MPTCP), { line: `${ipv6} 4242`, counted, mptcp: 1 });
  await setTimestamps(1);
});

test('… and with SYN cookies', { skip }, async () => {
  await chain.backend.run('sysctl', ['-w', 'net.ipv4.tcp_syncookies=2']);
  const line = `::ffff:${ADDRESSES.client.ipv4} 4242`;
  assert.deepEqual(await connect('ipv4', MPTCP), { line, counted: { tagged: 1 }, mptcp: 1 });
  await chain.backend.run('sysctl', ['-w', 'net.ipv4.tcp_syncookies=1']);
});

test('accept() sees the client where it is faster than the end of the handshake', { skip }, async () => {
  const { backend, forwarder } = chain;
  // What runs before the receiver makes that likely: by itself it happens once in a hundred times.
  using object = LoadedObject.load(fileURLToPath(new URL('bpf/slow-handshake.bpf.o', import.meta.url)));
  using cgroup = openCgroup(backend.cgroupNamed('hasty'));
  using _slow = attachToCgroup(object.program('slow_handshake'), cgroup, CgroupHook.sockOps);
  const counted = outcomesOf();
  const server = backend.spawn('python3', ['-c', HASTY_SERVER], { cgroup: 'hasty' });
  await server.waitForPort(HASTY);
  await forwarder.run('python3', ['-c', HASTY_CLIENT], { cgroup: 'proxy' });
  const { value = '' } = await server.stdout.lines().next();
  const [, wrong] = /^wrong (\d+)$/.exec(value) ?? [];
  // Nearly all are without the receiver's wait, which is short: a busy machine may take a processor away for longer.
  assert.ok(Number(wrong) < HASTY_CONNECTIONS / 2, value);
  assert.deepEqual(counted(), { tagged: HASTY_CONNECTIONS });
});

test('a further subflow that names another client changes nothing, and is counted as what it is', {
  skip,
}, async () => {
  const { backend, forwarder } = chain;
  await setTimestamps(0); // or there is no room for the option beside MP_JOIN
  const counted = outcomesOf();
  const before = tagger.stats().written.ack;
  const server = backend.spawn('python3', ['-c', ASKED_SERVER]);
  await server.waitForPort(ASKED);

  // The forwarder's kernel binds the second subflow to this address, and the tagger takes that for a client.
  await forwarder.run('ip', ['mptcp', 'endpoint', 'add', '198.51.100.9', 'dev', 'eth1', 'subflow']);
  const options = [ADDRESSES.backend.ipv4, String(ASKED), ADDRESSES.client.ipv4, String(MPTCP)];
  forwarder.spawn('python3', ['-c', CLIENT, ...options], { cgroup: 'proxy' });
  const who = `\\('::ffff:${ADDRESSES.client.ipv4}', 4242\\)`;
  await server.waitForLine(new RegExp(`^accepted ${who}$`));

  await waitUntil('the second subflow', () => readStats().outcomes.subflow === 1n);
  assert.equal(tagger.stats().written.ack - before, 2n, 'both subflows’ third ACKs carried an option');
  server.stdin.write('\n');
  await server.waitForLine(new RegExp(`^asked ${who} 0{20}ffffcb007107 1092$`));
  assert.deepEqual(counted(), { tagged: 1, subflow: 1 });
});
