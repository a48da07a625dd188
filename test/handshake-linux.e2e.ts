import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Host } from '../src/lab/host.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import type { Family } from './support/clients.js';
import { kernelCounter } from './support/kernel-counter.js';
import { allOk, CLIENTS, reportOf, serve } from './support/load.js';
import { outcomesOf } from './support/outcomes.js';
import { program } from './support/programs.js';

/** Connections of each family, with timestamps and without. */
const COUNT = 200;
const PORT = { plain: 9000, defer: 9001, fastopen: 9002 } as const;

let chain: Chain;
before(async () => {
  chain = await createChain();
  chain.attach();
  chain.tag();
  await serve(chain.backend, 'peername-server', PORT.plain);
  await serve(chain.backend, 'peername-server', PORT.defer, ['--defer']);
  await serve(chain.backend, 'peername-server', PORT.fastopen, ['--fastopen']);
});
after(() => chain[Symbol.asyncDispose]());

const set = (host: Host, name: string, value: number) =>
  host.run('sysctl', ['-w', `net.ipv4.${name}=${value}`]);

/** Each of the connections binds another client's address, and checks that the server names it. */
async function load(family: Family, port: number, how: readonly string[] = []): Promise<void> {
  const counted = outcomesOf();
  const to = [ADDRESSES.backend[family], String(port), '--count', String(COUNT), '--concurrency', '20'];
  const options = ['--clients', CLIENTS[family], '--check', ...how];
  const running = chain.forwarder.spawn(program('connect-load'), [...to, ...options], { cgroup: 'proxy' });
  assert.deepEqual(await reportOf(running), allOk(COUNT), running.stderr.text);
  assert.deepEqual(counted(), { tagged: COUNT });
}

for (const timestamps of [1, 0]) {
  const suffix = timestamps === 1 ? 'with timestamps' : 'without timestamps';
  test(`Linux clients, ${suffix}: plain, with SYN cookies, with TCP_DEFER_ACCEPT`, async () => {
    await set(chain.forwarder, 'tcp_timestamps', timestamps);
    for (const family of ['ipv4', 'ipv6'] as const) {
      await load(family, PORT.plain);
      await load(family, PORT.defer, ['--send']);

      await set(chain.backend, 'tcp_syncookies', 2);
      const before = await kernelCounter(chain.backend, 'TcpExtSyncookiesRecv');
      await load(family, PORT.plain);
      assert.equal(await kernelCounter(chain.backend, 'TcpExtSyncookiesRecv'), before + COUNT);
      await set(chain.backend, 'tcp_syncookies', 1);
    }
  });

  // An IPv6 client's option does not fit into a SYN beside what Linux puts there for Fast Open.
  test(`Linux clients, ${suffix}: TCP Fast Open over IPv4`, async () => {
    await set(chain.forwarder, 'tcp_timestamps', timestamps);
    await set(chain.backend, 'tcp_fastopen', 2);
    await set(chain.forwarder, 'tcp_fastopen', 1);
    const before = await kernelCounter(chain.backend, 'TcpExtTCPFastOpenPassive');
    await load('ipv4', PORT.fastopen, ['--fastopen']);
    const opened = (await kernelCounter(chain.backend, 'TcpExtTCPFastOpenPassive')) - before;
    assert.ok(opened > COUNT / 2, `${opened} of ${COUNT} connections were opened by their SYN`);
  });
}
