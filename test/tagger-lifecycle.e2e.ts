import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { waitUntil } from '../src/lab/wait.js';
import { pinnedNames } from '../src/lifecycle/pin-root.js';
import { discardedOf, PIN_ROOT, stagingOf } from '../src/lifecycle/plan.js';
import { attachReceiver } from '../src/receiver/attach.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { attachTagger } from '../src/tagger/attach.js';
import { listTaggedConnections } from '../src/tagger/connections.js';
import { detachTagger } from '../src/tagger/detach.js';
import { TAGGER_PROGRAMS, taggerPlan } from '../src/tagger/plan.js';
import { readTaggerStats } from '../src/tagger/stats.js';
import { readTaggerStatuses } from '../src/tagger/status.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { allOk, CLIENTS, programPath, reportOf, serve, startLoad } from './support/load.js';
import { outcomesOf } from './support/outcomes.js';
import { TAGGER_SETTINGS as SETTINGS, taggerRemains } from './support/tagger.js';

const PORT = 8000;
const KEPT = 40;

let chain: Chain;
let proxy: string;
before(async () => {
  chain = await createChain();
  proxy = chain.forwarder.cgroupNamed('proxy');
  await serve(chain.backend, 'peername-server', PORT);
});
afterEach(() => {
  detachTagger();
  detachReceiver();
});
after(() => chain[Symbol.asyncDispose]());

const load = (count: number, concurrency: number) =>
  startLoad(chain, { family: 'ipv4', port: PORT, count, concurrency });

test('attaching again under load changes the kind in place: every connection is tagged, none is lost', async () => {
  // The receiver reads both.
  chain.attach({ profiles: ['tencent', 'dpvs'] });
  assert.equal(attachTagger(proxy, SETTINGS).outcome, 'attached');
  const { since } = readTaggerStatuses(proxy)[0]!;
  const seen = outcomesOf();
  const clients = load(3_000, 50);
  const kinds = ['200/8', '254/8', '200/8', '254/8'] as const;
  for (const [step, ipv4] of kinds.entries()) {
    await waitUntil('more of the load', () => readTaggerStats(proxy).opened > BigInt(600 * step));
    assert.equal(attachTagger(proxy, { ...SETTINGS, ipv4 }).outcome, 'replaced');
    assert.equal(readTaggerStatuses(proxy)[0]!.ipv4, ipv4);
  }
  assert.deepEqual(await reportOf(clients), allOk(3_000));
  assert.deepEqual(seen(), { tagged: 3_000 });
  assert.equal(readTaggerStats(proxy).outcomes.tagged, 3_000n, 'it counts on');
  const [status] = readTaggerStatuses(proxy);
  assert.deepEqual([status?.since, status?.problems], [since, []]);
});

test('open connections stay in the list when settings change, each with its client', async () => {
  chain.attach();
  attachTagger(proxy, SETTINGS);
  await using backend = await serve(chain.backend, 'keep-peers', PORT + 1, [String(KEPT)]);
  const clients = startLoad(chain, { family: 'ipv6', port: PORT + 1, count: KEPT });
  await backend.waitForLine(/^holding/);
  const listed = () => listTaggedConnections(proxy).map(({ client, written }) => ({ client, written }));
  const before = listed();
  assert.equal(new Set(before.map(({ client }) => client.address)).size, KEPT);
  attachTagger(proxy, { ...SETTINGS, on: ['ack'] });
  assert.deepEqual(listed(), before);
  backend.stdin.end();
  assert.deepEqual(await reportOf(clients), allOk(KEPT));
});

test('two taggers with kinds of their own, and a receiver, work side by side on one host', async () => {
  const other = chain.forwarder.cgroupNamed('other');
  const servers = chain.forwarder.cgroupNamed('servers');
  await serve(chain.forwarder, 'peername-server', PORT, [], { cgroup: 'servers' });
  attachTagger(proxy, SETTINGS);
  attachTagger(other, { ...SETTINGS, ipv4: '200/8' });
  const both = ['tencent', 'dpvs'];
  attachReceiver({ ...chain.settings(), trust: 'any', profiles: both, cgroup: servers });
  for (const cgroup of ['proxy', 'other']) {
    const seen = outcomesOf();
    const args = [ADDRESSES.forwarder.ipv4, `${PORT}`, '--count', '20', '--concurrency', '5'];
    const check = ['--clients', CLIENTS.ipv4, '--check'];
    await chain.forwarder.run(programPath('connect-load'), [...args, ...check], { cgroup });
    assert.deepEqual(seen(), { tagged: 20 });
  }
  const counted = readTaggerStatuses().map(({ cgroup, ipv4, tagged }) => [cgroup, ipv4, tagged]);
  assert.deepEqual(counted.sort(), [
    [other, '200/8', 20n],
    [proxy, '254/8', 20n],
  ]);

  assert.equal(detachTagger(other), true);
  assert.deepEqual(
    readTaggerStatuses().map(({ cgroup }) => cgroup),
    [proxy],
  );
});

const remains = (cgroup: string): string[] => [
  ...(existsSync(PIN_ROOT) ? [PIN_ROOT] : []),
  ...taggerRemains(cgroup),
];

test('a detach removes everything, and a second one has nothing to do', () => {
  attachTagger(proxy, SETTINGS);
  assert.equal(remains(proxy).length, 2 + TAGGER_PROGRAMS.length);
  assert.equal(detachTagger(), true);
  assert.deepEqual(remains(proxy), []);
  assert.equal(detachTagger(), false);
});

test('a service that is restarted gets a new cgroup: an attach there cleans up after the old one', async () => {
  const service = chain.forwarder.cgroupNamed('service');
  attachTagger(proxy, SETTINGS);
  attachTagger(service, SETTINGS);
  await rmdir(service);
  chain.forwarder.cgroupNamed('service');
  const ofService = () => readTaggerStatuses().filter(({ cgroup }) => cgroup === service);
  assert.match(ofService()[0]!.problems.join(), /was removed, as when its service stopped/);
  assert.equal(attachTagger(service, SETTINGS).outcome, 'attached');
  assert.deepEqual(
    ofService().map(({ problems }) => problems),
    [[]],
  );
  assert.equal(readTaggerStatuses().length, 2, 'and the other stays');
});

test('a service that was stopped has no cgroup: a detach there removes what was attached to the old one', async () => {
  const service = chain.forwarder.cgroupNamed('stopped');
  attachTagger(service, SETTINGS);
  await rmdir(service);
  assert.equal(detachTagger(service), true);
  assert.deepEqual(readTaggerStatuses(), []);
  assert.throws(() => detachTagger(service), { name: 'CgroupError', message: /no cgroup/ });
});

/** As where a process is killed right before the end of its attach, or behind the beginning of its detach. */
function leaveHalfWay(cgroup: string, directoryOf: typeof stagingOf): string {
  attachTagger(cgroup, SETTINGS);
  const plan = taggerPlan(cgroup);
  renameSync(plan.directory, directoryOf(plan));
  return basename(directoryOf(plan));
}

for (const directoryOf of [stagingOf, discardedOf]) {
  test(`what is left half-way (${directoryOf.name}) goes with the next attach or detach on its cgroup`, () => {
    leaveHalfWay(proxy, directoryOf);
    assert.equal(attachTagger(proxy, SETTINGS).outcome, 'attached');
    assert.deepEqual(pinnedNames(), [basename(taggerPlan(proxy).directory)]);
    detachTagger();
    leaveHalfWay(proxy, directoryOf);
    assert.equal(detachTagger(proxy), true);
    assert.deepEqual(remains(proxy), []);
  });

  test(`what is left half-way (${directoryOf.name}) goes with any attach or detach once its cgroup is gone`, async () => {
    const other = chain.forwarder.cgroupNamed('other');
    for (const change of [() => attachTagger(proxy, SETTINGS), () => detachTagger(proxy)]) {
      const service = chain.forwarder.cgroupNamed('left');
      const left = leaveHalfWay(service, directoryOf);
      const kept = leaveHalfWay(other, directoryOf);
      await rmdir(service);
      change();
      assert.ok(!pinnedNames().includes(left));
      assert.ok(pinnedNames().includes(kept), 'one whose cgroup is there is left to who names that');
    }
    const service = chain.forwarder.cgroupNamed('left');
    leaveHalfWay(service, directoryOf);
    await rmdir(service);
    assert.equal(detachTagger(service), true);
    assert.equal(detachTagger(), true, 'the other');
    assert.deepEqual(remains(proxy), []);
  });
}
