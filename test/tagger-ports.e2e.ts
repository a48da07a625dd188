import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { becomeAllClients } from './support/any-ip.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';

/** The forwarder's ports, and connections to each backend at once. */
const PORTS = 100;
const EACH = 75;
const BACKENDS = [8001, 8002, 8003, 8004] as const;

let chain: Chain;
before(async () => {
  chain = await createChain();
  const range = `net.ipv4.ip_local_port_range=40000 ${40000 + PORTS - 1}`;
  await chain.forwarder.run('sysctl', ['-w', range]);
  chain.attach();
  chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

const python = async (script: string) =>
  (await chain.forwarder.run('python3', ['-c', `import socket\n${script}`], { cgroup: 'proxy' })).stdout;

test('nginx has all source ports for each backend, also where it binds the port of the client', async () => {
  await becomeAllClients(chain);
  await chain.proxy(...BACKENDS);
  const servers = await Promise.all(
    BACKENDS.map((port) => serve(chain.backend, 'keep-peers', port, [String(EACH)])),
  );
  const count = EACH * BACKENDS.length;
  const [first, last] = [BACKENDS[0], BACKENDS.at(-1)];
  const load = { family: 'ipv4', to: ADDRESSES.listen.ipv4, port: `${first}-${last}`, count } as const;
  const clients = startLoad({ forwarder: chain.client }, load);
  for (const server of servers) await server.waitForLine(/^holding/);
  for (const server of servers) server.stdin.end();
  assert.deepEqual(await reportOf(clients), allOk(count));
});

test('a program that asks for nothing has them once for all', async () => {
  const bound = await python(`
sockets = []
try:
    while True:
        sockets.append(socket.socket())
        sockets[-1].bind(("198.18.0.1", 4242))
except OSError as error:
    print(len(sockets) - 1 <= ${PORTS}, error.errno)`);
  assert.equal(bound, 'True 98\n');
});

const TRANSPARENT = { ipv4: ['AF_INET', 'IPPROTO_IP', 19], ipv6: ['AF_INET6', 'IPPROTO_IPV6', 75] } as const;

for (const [family, [domain, level, option]] of Object.entries(TRANSPARENT)) {
  /** The options IP_TRANSPARENT and IP_BIND_ADDRESS_NO_PORT of a socket that asked for the first. */
  const asked = (type: string, before = '') =>
    python(`
end = socket.socket(socket.${domain}, socket.${type})
${before}
end.setsockopt(socket.${level}, ${option}, 1)
print(end.getsockopt(socket.${level}, ${option}), end.getsockopt(socket.IPPROTO_IP, 24))`);

  test(`over ${family}, who asks for transparency to connect gets a late choice of the port instead`, async () => {
    assert.equal(await asked('SOCK_STREAM'), '0 1\n');
  });

  test(`over ${family}, listeners and UDP sockets get the transparency they ask for`, async () => {
    const reuse = 'end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)';
    assert.equal(await asked('SOCK_STREAM', reuse), '1 0\n');
    assert.equal(await asked('SOCK_DGRAM'), '1 0\n');
  });
}
