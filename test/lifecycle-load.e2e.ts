import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { LabProcess } from '../src/lab/process.js';
import { waitUntil } from '../src/lab/wait.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { allOk, type LoadReport, programPath, reportOf, serve, startLoad } from './support/load.js';

const COUNT = 20_000;
const SAMPLE = 20;
const PORTS = { sample: 8000, replace: 8001, detach: 8002 } as const;

let chain: Chain;
before(async () => {
  chain = await createChain();
  chain.tag();
  await serve(chain.backend, 'peername-server', PORTS.sample);
});
after(() => chain[Symbol.asyncDispose]());

/** Connections of both families, always some under way, until each has made its count. */
function startLoads(port: number): LabProcess[] {
  return (['ipv4', 'ipv6'] as const).map((family) =>
    startLoad(chain, { family, port, count: COUNT, concurrency: 50 }),
  );
}

/** Does something again and again while the loads last; returns how often. */
async function during(loads: readonly LabProcess[], act: (round: number) => unknown): Promise<number> {
  let round = 0;
  for (; loads.some((load) => load.running); round++) {
    await act(round);
    await setImmediate();
  }
  return round;
}

/** Connections that begin now. */
async function sample(): Promise<LoadReport> {
  return reportOf(startLoad(chain, { family: 'ipv4', port: PORTS.sample, count: SAMPLE }));
}

test('while the receiver is replaced, every connection shows its client', async () => {
  await serve(chain.backend, 'peername-server', PORTS.replace);
  chain.attach();
  const loads = startLoads(PORTS.replace);
  const rounds = await during(loads, (round) => chain.attach({ sockopt: round % 2 === 0 }));
  assert.deepEqual(await Promise.all(loads.map(reportOf)), [allOk(COUNT), allOk(COUNT)]);
  assert.ok(rounds >= 3, `replaced only ${rounds} times`);
});

test('while the receiver comes and goes, a connection shows its client or the forwarder, and none is lost', async () => {
  // It logs into a file: while this process attaches, it reads no pipe.
  const serveLogging = `exec ${programPath('peername-server')} :: ${PORTS.detach} --log > peers.log`;
  chain.backend.spawn('sh', ['-c', serveLogging]);
  await chain.backend.waitForPort(PORTS.detach);

  const loads = startLoads(PORTS.detach);
  const rounds = await during(loads, async () => {
    chain.attach();
    assert.deepEqual(await sample(), allOk(SAMPLE), 'right after an attach');
    detachReceiver();
    assert.equal((await sample()).missing, SAMPLE, 'right after a detach');
  });
  assert.ok(rounds >= 3, `attached and detached only ${rounds} times`);

  const reports = await Promise.all(loads.map(reportOf));
  for (const { ok, swapped, missing, errors } of reports) {
    assert.deepEqual({ ended: ok + missing, swapped, errors }, { ended: COUNT, swapped: 0, errors: {} });
    assert.ok(ok > 0 && missing > 0, 'both states were seen');
  }
  const { ipv4, ipv6 } = ADDRESSES.forwarder;
  const log = await waitUntil('the last line of the log', async () => {
    const text = await readFile(join(chain.backend.dir, 'peers.log'), 'utf8');
    return text.split('\n').length > 2 * COUNT + 1 && text;
  });
  assert.deepEqual(
    [`::ffff:${ipv4}`, ipv6].map((forwarder) => log.split(`\n${forwarder} `).length - 1),
    reports.map(({ missing }) => missing),
    'whoever is not the client is the forwarder',
  );
});
