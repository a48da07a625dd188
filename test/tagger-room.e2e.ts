import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attachTagger } from '../src/tagger/attach.js';
import { detachTagger } from '../src/tagger/detach.js';
import { recentUntagged } from '../src/tagger/explain.js';
import type { TaggedSegment } from '../src/tagger/settings.js';
import { readTaggerStats } from '../src/tagger/stats.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { outcomesOf } from './support/outcomes.js';

const { backend, forwarder } = ADDRESSES;
const PORT = 9000;
const CLIENT = '2001:db8:9::7';

/** Both ends sign their segments, which takes 20 bytes of options (RFC 2385; struct tcp_md5sig of linux/tcp.h). */
const SIGNED = `
import socket, struct
def sign(end, peer):
    address = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, peer), 0)
    end.setsockopt(socket.IPPROTO_TCP, 14, struct.pack("=128sBBHI80s", address, 0, 0, 3, 0, b"key"))
end = socket.socket(socket.AF_INET6)
`;
const SERVER = `${SIGNED}
sign(end, "${forwarder.ipv6}")
end.bind(("${backend.ipv6}", ${PORT}))
end.listen()
while True:
    peer, (address, port, _, _) = end.accept()
    with peer:
        for _ in range(2):
            peer.send(peer.recv(10) + (" %s %d" % (address, port)).encode())
`;
const DIALER = `${SIGNED}
sign(end, "${backend.ipv6}")
end.bind(("${CLIENT}", 4242))
end.connect(("${backend.ipv6}", ${PORT}))
for _ in range(2):
    end.send(b"data")
    answer = end.recv(100).decode()
print(answer)
`;

let chain: Chain;
let cgroup: string;
before(async () => {
  chain = await createChain();
  cgroup = chain.forwarder.cgroupNamed('proxy');
  await chain.backend.spawn('python3', ['-c', SERVER]).waitForPort(PORT);
  chain.attach();
});
after(async () => {
  detachTagger();
  await chain[Symbol.asyncDispose]();
});

/** One signed connection of an IPv6 client: what the backend answered, and what the tagger counted. */
async function connect(
  on: readonly TaggedSegment[],
): Promise<[answer: string, tagged: bigint, noRoom: bigint]> {
  attachTagger(cgroup, { ipv4: '254/8', ipv6: '254/20', on, takeLocal: false });
  const before = readTaggerStats(cgroup).outcomes;
  const { stdout } = await chain.forwarder.run('python3', ['-c', DIALER], { cgroup: 'proxy' });
  const { outcomes } = readTaggerStats(cgroup);
  return [stdout, outcomes.tagged - before.tagged, outcomes['no-room'] - before['no-room']];
}

test('where the SYN has no room, the ACK carries the client', async () => {
  const seen = outcomesOf();
  assert.deepEqual(await connect(['syn', 'ack', 'data']), [`data ${CLIENT} 4242\n`, 1n, 0n]);
  assert.deepEqual(seen(), { tagged: 1 });
  assert.ok(readTaggerStats(cgroup).noRoom > 0n);
});

test('a connection on which the option fits nowhere works, is counted, and is explained', async () => {
  const seen = outcomesOf();
  const [answer, tagged, noRoom] = await connect(['syn']);
  assert.match(answer, new RegExp(`^data ${forwarder.ipv6} \\d+\n$`));
  assert.deepEqual([tagged, noRoom, seen()], [0n, 1n, { 'no-option': 1 }]);
  const { at: _, ...decision } = recentUntagged(cgroup).at(-1)!;
  assert.deepEqual(decision, {
    outcome: 'no-room',
    client: { address: CLIENT, port: 4242 },
    backend: { address: backend.ipv6, port: PORT },
    written: [],
  });
});

test('an IPv6 client fits beside all that Linux puts on a SYN', async () => {
  attachTagger(cgroup, { ipv6: '254/20', on: ['syn'], takeLocal: false });
  const before = readTaggerStats(cgroup);
  await using listener = chain.backend.spawn('python3', ['-m', 'http.server', '--bind', '::', '9001']);
  await listener.waitForPort(9001);
  const unsigned = ['-sS', '--interface', CLIENT, `http://[${backend.ipv6}]:9001/`];
  await chain.forwarder.run('curl', unsigned, { cgroup: 'proxy' });
  const after = readTaggerStats(cgroup);
  assert.deepEqual([after.written.syn - before.written.syn, after.noRoom - before.noRoom], [1n, 0n]);
});
