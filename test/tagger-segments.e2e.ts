import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { objectPath } from '../src/kernel/artifacts.js';
import { openCgroup } from '../src/kernel/cgroup.js';
import { attachToCgroup } from '../src/kernel/cgroup-link.js';
import { programInfo } from '../src/kernel/info.js';
import { LoadedObject } from '../src/kernel/object.js';
import { enableStatistics } from '../src/kernel/statistics.js';
import { TAGGER_PROGRAMS } from '../src/tagger/plan.js';
import { encodeTaggerSettings } from '../src/tagger/settings.js';
import { Capture, optionsOf, sendAsOnWires } from './support/capture.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { hex } from './support/options.js';
import { outcomesOf } from './support/outcomes.js';

const PORT = 9000;
const CONNECTIONS = 5;
const OPTION = hex('fe08 1092 c6336407');

/** Greets, takes 10 bytes, answers. */
const SERVER = `
import socket
listener = socket.create_server(("${ADDRESSES.backend.ipv4}", ${PORT}))
while True:
    peer, _ = listener.accept()
    with peer:
        peer.send(b"hello")
        peer.recv(10, socket.MSG_WAITALL)
        peer.send(b"taken")
        peer.recv(1)
`;

/** Says with the first data that it has the SYN-ACK: TCP_QUICKACK off. */
const HASTY = `
import socket
for _ in range(${CONNECTIONS}):
    with socket.socket() as end:
        end.bind(("198.51.100.7", 4242))
        end.setsockopt(socket.IPPROTO_TCP, 12, 0)
        end.connect(("${ADDRESSES.backend.ipv4}", ${PORT}))
        end.send(bytes(10))
        end.recv(10, socket.MSG_WAITALL)
`;

const POLITE = `
import socket
end = socket.create_connection(("${ADDRESSES.backend.ipv4}", ${PORT}), source_address=("198.51.100.7", 4242))
end.recv(5, socket.MSG_WAITALL)
end.send(bytes(10))
end.recv(5, socket.MSG_WAITALL)
`;

const ECHO_PORT = 9001;
const EXCHANGES = 100;
const ECHO = `
import socket
peer, _ = socket.create_server(("${ADDRESSES.backend.ipv4}", ${ECHO_PORT})).accept()
while data := peer.recv(10):
    peer.send(data)
`;
const TALK = `
import socket
end = socket.create_connection(("${ADDRESSES.backend.ipv4}", ${ECHO_PORT}), source_address=("198.51.100.7", 4242))
for _ in range(${EXCHANGES}):
    end.send(b"data")
    end.recv(4, socket.MSG_WAITALL)
`;

/** Loses the first data that comes. */
const LOSS = `table ip loss {
  chain input {
    type filter hook input priority 0
    tcp dport ${PORT} tcp flags & psh == psh numgen inc mod 1000 0 drop
  }
}`;

let chain: Chain;
before(async () => {
  chain = await createChain();
  await sendAsOnWires(chain);
  await chain.backend.spawn('python3', ['-c', SERVER]).waitForPort(PORT);
  chain.attach();
});
after(() => chain[Symbol.asyncDispose]());

test('data is the ACK that completes the handshake where no other went before it', async () => {
  const tagger = chain.tag({ on: ['ack'] });
  const counted = outcomesOf();
  await chain.forwarder.run('python3', ['-c', HASTY], { cgroup: 'proxy' });
  assert.deepEqual(counted(), { tagged: CONNECTIONS });
  const { outcomes, written } = tagger.stats();
  assert.deepEqual([outcomes.tagged, written.data], [BigInt(CONNECTIONS), 0n]);
  assert.ok(written.ack >= CONNECTIONS);
});

for (const on of [['data'], ['syn', 'data']] as const)
  test(`told to write on ${on.join(' and ')}, it does again where the data gets lost`, async () => {
    chain.tag({ on });
    await chain.backend.run('nft', ['-f', '-'], { input: LOSS });
    const capture = await Capture.start(chain.backend, PORT);
    await chain.forwarder.run('python3', ['-c', POLITE], { cgroup: 'proxy' });
    const data = (await capture.stop()).filter(
      ({ src, payload }) => src === ADDRESSES.forwarder.ipv4 && payload.length > 0,
    );
    assert.ok(data.length > 1, 'it was sent again');
    for (const segment of data)
      assert.ok(optionsOf(segment).some((option) => Buffer.from(OPTION).equals(option)));
    await chain.backend.run('nft', ['delete', 'table', 'ip', 'loss']);
  });

test('once the backend has the option no program is asked about segments any more', async () => {
  const name = chain.forwarder.cgroupNamed('talk');
  const settings = encodeTaggerSettings(
    { ipv4: '254/8', on: ['syn', 'ack', 'data'], takeLocal: false },
    name,
  );
  using object = LoadedObject.load(objectPath('tagger'), { initial: { '.rodata.settings': settings } });
  using cgroup = openCgroup(name);
  const links = TAGGER_PROGRAMS.map(({ name, hook }) => attachToCgroup(object.program(name), cgroup, hook));
  await chain.backend.spawn('python3', ['-c', ECHO]).waitForPort(ECHO_PORT);
  using _statistics = enableStatistics();
  await chain.forwarder.run('python3', ['-c', TALK], { cgroup: 'talk' });
  const { runCount } = programInfo(object.program('tagger_sockops'));
  assert.ok(runCount > 0n && runCount < EXCHANGES / 2, `${runCount} runs`);
  for (const link of links) link[Symbol.dispose]();
});
