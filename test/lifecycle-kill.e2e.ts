import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStatus } from '../src/receiver/status.js';
import { type Chain, createChain } from './support/chain.js';
import { Changes, type Order, RECEIVER_SCRIPT } from './support/lifecycle.js';
import { Random } from './support/random.js';
import { waitUntilNothingRemains } from './support/remains.js';
import { Traffic } from './support/traffic.js';

/** Together, kills at every system call and kills at random moments. */
const KILLS = 200;

const changes = new Changes(RECEIVER_SCRIPT);
let chain: Chain;
let kills = 0;

before(async () => {
  chain = await createChain();
  chain.tag();
});
afterEach(async () => {
  detachReceiver();
  await waitUntilNothingRemains(chain.backend.cgroup);
});
after(async () => {
  changes[Symbol.dispose]();
  await chain[Symbol.asyncDispose]();
});

/** Whether a change was killed at its n-th system call: false where it makes fewer. */
async function isKilledAt(n: number, order: Order): Promise<boolean> {
  const change = await changes.next();
  await change.goUntilCall(n, order);
  const killed = (await change.outcome()) === 'killed';
  if (killed) kills++;
  return killed;
}

function problems(): readonly string[] {
  const status = readStatus();
  return status.attached ? status.problems : ['nothing is attached'];
}

test('an attach killed at any step leaves nothing behind a detach', async () => {
  for (let n = 1; await isKilledAt(n, chain.settings()); n++) {
    detachReceiver();
    await waitUntilNothingRemains(chain.backend.cgroup);
  }
  assert.deepEqual(problems(), []);
});

test('a change killed at any step takes the client from no connection', async () => {
  chain.attach();
  const traffic = await Traffic.start(chain);
  // With and without getsockopt in turn, so that a program is added or removed each time; they differ in steps.
  for (let n = 1, whole = 0; whole < 2; n++) {
    if (!(await isKilledAt(n, chain.settings({ sockopt: n % 2 === 0 })))) whole++;
    await traffic.checkKept();
    await traffic.checkNew();
  }
  assert.equal(chain.attach().outcome, 'replaced');
  assert.deepEqual(problems(), []);
  await traffic.end();
});

test('a detach killed at any step is completed by the next, or undone by an attach', async () => {
  for (let n = 1, killed = true; killed; n++) {
    chain.attach();
    assert.deepEqual(problems(), []);
    killed = await isKilledAt(n, 'detach');
  }
});

test('attaches killed at random moments leave nothing behind the next attach and detach', async (t) => {
  const random = new Random(Random.seed());
  t.diagnostic(`TRUEPEER_SEED=${random.seed} kills at these moments again`);
  const began = performance.now();
  chain.attach();
  const whole = performance.now() - began;
  while (kills < KILLS) {
    if (random.oneIn(4)) detachReceiver();
    const change = await changes.start(chain.settings({ sockopt: random.oneIn(2) }));
    await sleep((random.below(1000) / 1000) * whole);
    change.kill();
    if ((await change.outcome()) === 'killed') kills++;
  }
  chain.attach();
  assert.deepEqual(problems(), []);
});
