import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Result } from '../src/lab/run.js';
import { TemporaryTagger } from '../src/tagger/temporary.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { askOften, clientAs, startEcho } from './support/echo.js';
import { startHaproxy } from './support/proxies.js';
import { recipe } from './support/recipe.js';

const { backend, forwarder, listen } = ADDRESSES;

let chain: Chain;
let tagger: TemporaryTagger;
before(async () => {
  chain = await createChain();
  await startEcho(chain);
  chain.attach();
  tagger = chain.tag();
});
after(() => chain[Symbol.asyncDispose]());

/** Answers every question by 10.1.0.2 (RFC 1035, section 4). */
const NAME_SERVER = `
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("${backend.ipv4}", 53))
print("answering", flush=True)
while True:
    query, peer = server.recvfrom(512)
    end = query.index(0, 12) + 5
    isA = query[end - 4:end - 2] == bytes([0, 1])
    answer = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]) + socket.inet_aton("${backend.ipv4}")
    header = query[:2] + bytes([0x81, 0x80, 0, 1, 0, isA, 0, 0, 0, 0])
    server.sendto(header + query[12:end] + (answer if isA else b""), peer)
`;

test("HAProxy's listeners on its own addresses, its health checks and its DNS queries go on as ever", async () => {
  const names = chain.backend.spawn('python3', ['-c', NAME_SERVER]);
  await names.waitForLine(/answering/);
  const config = (await recipe('haproxy'))
    .replace('bind 0.0.0.0:8080', `bind ${listen.ipv4}:8080`)
    .replace('bind [::]:8080', `bind [${listen.ipv6}]:8080`)
    .replace('10.1.0.2:8080', 'web.example:8080 resolvers lab init-addr none check inter 50ms')
    .replace('[fd00:1::2]:8080', '[fd00:1::2]:8080 check inter 50ms');
  const before = tagger.stats();
  await using haproxy = await startHaproxy(
    chain,
    `global\n  log stdout format raw local0\n${config}
resolvers lab
  nameserver backend ${backend.ipv4}:53
  resolve_retries 3
`,
  );
  await haproxy.waitForLine(/Server ipv4\/web1 .*is UP/);
  assert.deepEqual(await askOften(chain, 'ipv4', 4241), [clientAs('ipv4', 4241)]);
  assert.deepEqual(await askOften(chain, 'ipv6', 4242), [clientAs('ipv6', 4242)]);

  const { binds, outcomes } = tagger.stats();
  assert.equal(binds.local - before.binds.local, 2n, 'both listeners were recognised');
  assert.equal(binds.client - before.binds.client, 2n);
  assert.ok(outcomes['no-client'] > before.outcomes['no-client'], 'health checks went untagged');
});

// As on the second of two hosts that share an address (VRRP).
test("HAProxy's listeners may be on addresses that its host is yet to get", async () => {
  await chain.forwarder.run('sysctl', ['-w', 'net.ipv4.ip_nonlocal_bind=1', 'net.ipv6.ip_nonlocal_bind=1']);
  const addresses = ['198.51.100.200:8080', '[2001:db8:2::200]:8080'];
  const config = (await recipe('haproxy'))
    .replace('0.0.0.0:8080', addresses[0]!)
    .replace('[::]:8080', addresses[1]!);
  {
    await using _haproxy = await startHaproxy(chain, config);
    const { stdout } = await chain.forwarder.run('ss', ['-Hltn']);
    const listening = new Set(stdout.split('\n').map((line) => line.split(/\s+/)[3]));
    for (const address of addresses) assert.ok(listening.has(address), stdout);
  }
  await chain.forwarder.run('sysctl', ['-w', 'net.ipv4.ip_nonlocal_bind=0', 'net.ipv6.ip_nonlocal_bind=0']);
});

/** Binds a TCP or UDP socket on a host, in a tagged cgroup, and says to what. */
function bind(host: 'forwarder' | 'client', address: string, type = 'STREAM'): Promise<Result> {
  const family = address.includes(':') ? 'INET6' : 'INET';
  const script = `import socket
listener = socket.socket(socket.AF_${family}, socket.SOCK_${type})
listener.bind(("${address}", 9000))
if listener.type == socket.SOCK_STREAM: listener.listen()
print(listener.getsockname()[0])`;
  return chain[host].run('python3', ['-c', script], { cgroup: 'proxy', check: false });
}

async function bindsTaken(action: () => Promise<unknown>): Promise<[client: bigint, local: bigint]> {
  const before = tagger.stats().binds;
  await action();
  const after = tagger.stats().binds;
  return [after.client - before.client, after.local - before.local];
}

/** Adds addresses to an interface, and removes them: each is the own one for so long. */
async function comeAndGo(): Promise<void> {
  for (const [address, length] of [
    ['203.0.113.99', 24],
    ['2001:db8:1::99', 64],
  ] as const) {
    const change = (verb: string, ...more: string[]) =>
      chain.forwarder.run('ip', ['address', verb, `${address}/${length}`, 'dev', 'eth0', ...more]);
    assert.deepEqual(await bindsTaken(() => bind('forwarder', address)), [1n, 0n]);
    await change('add', ...(length === 64 ? ['nodad'] : []));
    assert.deepEqual(await bindsTaken(() => bind('forwarder', address)), [0n, 1n]);
    await change('del');
    assert.deepEqual(await bindsTaken(() => bind('forwarder', address)), [1n, 0n]);
  }
}

test('an address is the own one from when it is added to when it is removed', comeAndGo);

test('so it is after many binds, when the table of addresses is asked and no longer the interfaces', async () => {
  const script = `import socket
for family, client in ((socket.AF_INET, "198.51.100.7"), (socket.AF_INET6, "2001:db8:9::7")):
    for _ in range(100):
        socket.socket(family).bind((client, 4242))`;
  const taken = await bindsTaken(() => chain.forwarder.run('python3', ['-c', script], { cgroup: 'proxy' }));
  assert.deepEqual(taken, [200n, 0n]);
  await comeAndGo();
  for (const own of [forwarder.ipv4, forwarder.ipv6, listen.ipv4, listen.ipv6])
    assert.deepEqual(await bindsTaken(() => bind('forwarder', own)), [0n, 1n], own);
});

test('an own address is recognised among hundreds, on many interfaces', async () => {
  const { forwarder: host } = chain;
  const numbers = Array.from({ length: 250 }, (_, at) => at + 1);
  const batch = join(host.dir, 'many.batch');
  await writeFile(
    batch,
    numbers
      .flatMap((at) => [
        ...(at <= 100 ? [`link add link eth0 name many${at} type macvlan`] : []),
        `address add 100.64.0.${at}/32 dev ${at <= 100 ? `many${at}` : 'eth0'}`,
        `address add 2001:db8:64::${at}/128 dev ${at <= 100 ? `many${at}` : 'eth0'} nodad`,
      ])
      .join('\n'),
  );
  await host.run('ip', ['-batch', batch]);
  for (const prefix of ['100.64.0.', '2001:db8:64::']) {
    for (const own of [1, 100, 101, 250])
      assert.deepEqual(await bindsTaken(() => bind('forwarder', `${prefix}${own}`)), [0n, 1n], `${own}`);
    assert.deepEqual(await bindsTaken(() => bind('forwarder', `${prefix}251`)), [1n, 0n]);
  }
});

test('wildcard and loopback are left alone, too', async () => {
  for (const address of ['0.0.0.0', '::', '127.0.0.1', '127.1.2.3', '::1']) {
    const [taken] = await bindsTaken(async () => {
      assert.equal((await bind('forwarder', address)).stdout, `${address}\n`);
    });
    assert.equal(taken, 0n, address);
  }
});

test('UDP sockets mean what they bind to: nobody else', async () => {
  const taken = await bindsTaken(async () => {
    assert.match((await bind('forwarder', ADDRESSES.client.ipv4, 'DGRAM')).stderr, /Errno 99/);
    assert.equal((await bind('forwarder', forwarder.ipv4, 'DGRAM')).status, 0);
  });
  assert.deepEqual(taken, [0n, 0n]);
});

test('one tagger serves network namespaces that differ in what their own addresses are', async () => {
  // All hosts of the laboratory are below its cgroup.
  using both = new TemporaryTagger(chain.lab.cgroup, { ipv4: '254/8', on: ['ack'], takeLocal: false });
  const counted = () => [both.stats().binds.client, both.stats().binds.local];
  await bind('client', listen.ipv4);
  assert.deepEqual(counted(), [1n, 0n]);
  await bind('client', ADDRESSES.client.ipv4);
  assert.deepEqual(counted(), [1n, 1n]);
  await bind('forwarder', listen.ipv4);
  assert.deepEqual(counted(), [1n, 2n]);
});

// Without a word from the program, Linux before 6.5 answers EFAULT.
test('socket options longer than a page reach the kernel', async () => {
  const ask = 'import socket; socket.socket().setsockopt(socket.IPPROTO_TCP, 9999, bytes(5000))';
  const { stderr } = await chain.forwarder.run('python3', ['-c', ask], { cgroup: 'proxy', check: false });
  assert.match(stderr, /Protocol not available/);
});
