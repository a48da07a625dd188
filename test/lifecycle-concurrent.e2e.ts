import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStatus } from '../src/receiver/status.js';
import { type Chain, createChain } from './support/chain.js';
import { Changes, type Order, RECEIVER_SCRIPT } from './support/lifecycle.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';
import { waitUntilNothingRemains } from './support/remains.js';

const ROUNDS = 5;
const COUNT = 20;

const changes = new Changes(RECEIVER_SCRIPT);
let chain: Chain;
before(async () => {
  chain = await createChain();
  chain.tag();
  await serve(chain.backend, 'peername-server', 8000);
});
after(async () => {
  changes[Symbol.dispose]();
  await chain[Symbol.asyncDispose]();
});

/** What two processes did that started at the same time. */
async function both(...orders: readonly Order[]): Promise<string[]> {
  const ready = [await changes.next(), await changes.next()];
  orders.forEach((order, i) => {
    ready[i]!.go(order);
  });
  return Promise.all(ready.map((change) => change.outcome()));
}

/** Either whole and at work, or not there at all. */
async function checkWhole(attached: boolean): Promise<void> {
  const status = readStatus();
  assert.equal(status.attached, attached);
  if (!status.attached) return waitUntilNothingRemains(chain.backend.cgroup);
  assert.deepEqual(status.problems, []);
  assert.deepEqual(
    await reportOf(startLoad(chain, { family: 'ipv4', port: 8000, count: COUNT })),
    allOk(COUNT),
  );
}

test('of two attaches at once, one attaches and the other replaces', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const outcomes = await both(chain.settings(), chain.settings({ sockopt: false }));
    assert.deepEqual(outcomes.sort(), ['attached', 'replaced']);
    await checkWhole(true);
    detachReceiver();
    await checkWhole(false);
  }
});

test('what is exchanged while somebody looks is still there', async () => {
  await both(chain.settings(), chain.settings());
  for (let round = 0; round < ROUNDS; round++) {
    let done = false;
    const replaced = both(chain.settings(), chain.settings({ sockopt: false })).finally(() => {
      done = true;
    });
    while (!done) {
      assert.equal(readStatus().attached, true);
      await setImmediate();
    }
    assert.deepEqual(await replaced, ['replaced', 'replaced']);
  }
  detachReceiver();
});

test('of an attach and a detach at once, one comes first and the other sees what it did', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const wasAttached = readStatus().attached;
    const [attach, detach] = await both(chain.settings(), 'detach');
    const detachedLast = attach === (wasAttached ? 'replaced' : 'attached') && detach === 'detached';
    const attachedLast = attach === 'attached' && detach === (wasAttached ? 'detached' : 'nothing to detach');
    assert.ok(detachedLast || attachedLast, `attach said ${attach}, detach said ${detach}`);
    await checkWhole(!detachedLast);
  }
});
