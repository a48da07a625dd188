import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStats } from '../src/receiver/stats.js';
import { amount } from './support/amount.js';
import { createChain } from './support/chain.js';
import { allOk, giveQueues, reportOf, serve, startLoad } from './support/load.js';

const COUNT = amount(100_000, 'connections of each family');
const SERVERS = 4;
const LOADS = 2;

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`each of ${COUNT} clients is seen under its own ${family} address`, async () => {
    await using chain = await createChain();
    const { forwarder, backend } = chain;
    await giveQueues(forwarder, backend);
    await forwarder.run('sh', ['-c', 'echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range']);
    for (let port = 8000; port < 8000 + SERVERS; port++) await serve(backend, 'peername-server', port);
    chain.attach();
    chain.tag();

    const each = COUNT / LOADS;
    const port = `8000-${8000 + SERVERS - 1}`;
    const loads = Array.from({ length: LOADS }, (_, load) =>
      startLoad(chain, { family, port, count: each, concurrency: 500, first: load * each }),
    );
    const reports = await Promise.all(loads.map(reportOf));
    assert.deepEqual(reports, new Array(LOADS).fill(allOk(each)));
    const { established, outcomes } = readStats();
    assert.deepEqual([established, outcomes.tagged], [BigInt(COUNT), BigInt(COUNT)]);
  });
}
