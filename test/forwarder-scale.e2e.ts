import assert from 'node:assert/strict';
import { readStats } from '../src/receiver/stats.js';
import { amount } from './support/amount.js';
import { createForwarderLab, FORWARDED } from './support/forwarded.js';
import { test } from './support/forwarder/test.js';
import { allOk, giveQueues, reportOf, serve, startLoad } from './support/load.js';

const COUNT = amount(100_000, 'connections of each family');
const SERVERS = 4;
const LOADS = 2;
/** Fewer places than connections: most of them take that of one which is over. */
const CAPACITY = 0.4 * COUNT;

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`each of ${COUNT} clients is seen under its own ${family} address behind the forwarder`, async () => {
    await using net = await createForwarderLab();
    await net.becomeAllClients();
    await giveQueues(net.client, net.backend);
    const ports = Array.from({ length: SERVERS }, (_, at) => 8000 + at);
    for (const port of ports) await serve(net.backend, 'peername-server', port);
    net.receive();
    const [listen, backend] = [FORWARDED.listen[family], FORWARDED.backend[family]].map((address) =>
      address.includes(':') ? `[${address}]` : address,
    );
    await net.start({
      capacity: CAPACITY,
      services: ports.map((port) => ({
        name: `peername-${port}`,
        listen: `${listen}:${port}`,
        backends: [{ address: `${backend}:${port}` }],
        health: { type: 'none' },
      })),
    });

    const each = COUNT / LOADS;
    const port = `${ports[0]}-${ports.at(-1)}`;
    const to = FORWARDED.listen[family];
    const loads = Array.from({ length: LOADS }, (_, load) =>
      startLoad(
        { forwarder: net.client },
        { family, to, port, count: each, concurrency: 250, first: load * each },
      ),
    );
    const reports = await Promise.all(loads.map(reportOf));
    // Together with what the forwarder gave up by itself, for that would be why a connection is not there.
    const given = { evicted: net.counted('evictedEmbryo'), expired: net.counted('expiredEstablished') };
    assert.deepEqual(
      { reports, ...given },
      { reports: new Array(LOADS).fill(allOk(each)), evicted: 0n, expired: 0n },
    );
    const { established, outcomes } = readStats();
    assert.deepEqual([established, outcomes.tagged], [BigInt(COUNT), BigInt(COUNT)]);
    assert.equal(net.counted('opened'), BigInt(COUNT));
    assert.equal(net.counted('established'), BigInt(COUNT));
  });
}
