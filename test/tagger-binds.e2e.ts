import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TemporaryTagger } from '../src/tagger/temporary.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { serve } from './support/load.js';

const PORT = 8000;

let chain: Chain;
let tagger: TemporaryTagger;
before(async () => {
  chain = await createChain();
  await serve(chain.backend, 'peername-server', PORT);
  chain.attach();
  tagger = chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

/** Runs a script in the tagged cgroup, with a socket whose port is chosen late; what it prints. */
async function python(script: string): Promise<string> {
  const setUp = `
import socket
BACKEND = ("${ADDRESSES.backend.ipv4}", ${PORT})
end = socket.socket()
end.setsockopt(socket.IPPROTO_IP, 24, 1)
def whom():
    end.connect(BACKEND)
    print(end.recv(100).decode(), end="")
`;
  return (await chain.forwarder.run('python3', ['-c', setUp + script], { cgroup: 'proxy' })).stdout;
}

/** How the backend's dual-stack listener names a client. */
const named = (address: string, port: number) => `::ffff:${address} ${port}\n`;

test('of two binds the later one counts', async () => {
  const seen = await python(`
end.bind(("198.51.100.7", 4242))
end.bind(("198.51.100.8", 4343))
whom()`);
  assert.equal(seen, named('198.51.100.8', 4343));
});

test('so it does where it is to an own address, or to none', async () => {
  for (const later of [ADDRESSES.forwarder.ipv4, '0.0.0.0']) {
    const seen = await python(`
end.bind(("198.51.100.7", 4242))
end.bind(("${later}", 0))
whom()`);
    assert.ok(seen.startsWith(`::ffff:${ADDRESSES.forwarder.ipv4} `), seen);
  }
});

// What the kernel takes for 0.0.0.0, for the sake of old programs.
test('so it does where it is to an address of no family', async () => {
  const seen = await python(`
import ctypes
end.bind(("198.51.100.7", 4242))
assert ctypes.CDLL(None).bind(end.fileno(), bytes(16), 16) == 0
print(*end.getsockname())
whom()`);
  assert.match(seen, new RegExp(`^0\\.0\\.0\\.0 0\n::ffff:${ADDRESSES.forwarder.ipv4} `));
});

test('a bind that the kernel refuses, because it comes too late, changes nothing', async () => {
  const seen = await python(`
end.bind(("198.51.100.7", 4242))
end.connect(BACKEND)
try:
    end.bind(("198.51.100.8", 4343))
except OSError:
    print("refused")
print(end.recv(100).decode(), end="")`);
  assert.equal(seen, `refused\n${named('198.51.100.7', 4242)}`);
});

test('a socket that connects again, after it was refused, is accounted for again', async () => {
  const before = tagger.stats();
  const seen = await python(`
end.bind(("198.51.100.7", 4242))
try:
    end.connect((BACKEND[0], 1))
except ConnectionRefusedError:
    print("refused")
whom()`);
  assert.equal(seen, `refused\n${named('198.51.100.7', 4242)}`);
  const after = tagger.stats();
  assert.equal(after.opened - before.opened, 2n);
  assert.equal(after.outcomes.tagged - before.outcomes.tagged, 2n);
});

test('a socket says where it was bound until it connects, and not again when its connection is reset', async () => {
  const seen = await python(`
import select, struct
end.bind(("198.51.100.7", 4242))
print(*end.getsockname())
listener = socket.create_server(("${ADDRESSES.forwarder.ipv4}", 0))
end.connect(listener.getsockname())
peer, _ = listener.accept()
own = end.getsockname()
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
select.select([end], [], [])
print(end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), end.getsockname() == own, *end.getsockname())`);
  assert.match(seen, /^198\.51\.100\.7 4242\n104 True /);
});

test('a listener that shares its port may be on an address that the host does not have', async () => {
  const { binds } = tagger.stats();
  for (const [family, address, level, option] of [
    ['AF_INET', '198.51.100.9', 'IPPROTO_IP', 15],
    ['AF_INET', '198.51.100.9', 'IPPROTO_IP', 19],
    ['AF_INET6', '2001:db8:9::9', 'IPPROTO_IPV6', 78],
    ['AF_INET6', '2001:db8:9::9', 'IPPROTO_IPV6', 75],
  ]) {
    const at = await python(`
listener = socket.socket(socket.${family})
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listener.setsockopt(socket.${level}, ${option}, 1)
listener.bind(("${address}", 9000))
listener.listen()
print(*listener.getsockname()[:2])`);
    assert.equal(at, `${address} 9000\n`, `option ${option}`);
  }
  assert.deepEqual(tagger.stats().binds, binds);
});
