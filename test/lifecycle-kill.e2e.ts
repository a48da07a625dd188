import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStatus } from '../src/receiver/status.js';
import { type Chain, createChain } from './support/chain.js';
import { outcomeOf, startChangeKilledAt } from './support/lifecycle.js';
import { waitUntilNothingRemains } from './support/remains.js';
import { Traffic } from './support/traffic.js';

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
after(() => chain[Symbol.asyncDispose]());

test('an attach killed at any step leaves nothing behind a detach', async () => {
  for (let n = 1; (await outcomeOf(startChangeKilledAt(n, chain.settings()))) === 'killed'; n++) {
    kills++;
    detachReceiver();
    await waitUntilNothingRemains(chain.backend.cgroup);
  }
  console.log(kills);
  assert.deepEqual(problems(), []);
});

test('a change killed at any step takes the client from no connection', async () => {
  chain.attach();
  const traffic = await Traffic.start(chain);
  for (let n = 1, whole = 0; whole < 2; n++) {
    const change = startChangeKilledAt(n, chain.settings({ sockopt: n % 2 === 0 }));
    if ((await outcomeOf(change)) === 'killed') kills++;
    else whole++;
    await traffic.checkKept();
    await traffic.checkNew();
  }
  console.log(kills);
  assert.equal(chain.attach().outcome, 'replaced');
  assert.deepEqual(problems(), []);
  await traffic.end();
});

test('a detach killed at any step is completed by the next, or undone by an attach', async () => {
  for (let n = 1, outcome = 'killed'; outcome === 'killed'; n++) {
    chain.attach();
    assert.deepEqual(problems(), []);
    outcome = await outcomeOf(startChangeKilledAt(n));
    kills++;
  }
  console.log(kills);
});

function problems(): readonly string[] {
  const status = readStatus();
  return status.attached ? status.problems : ['nothing is attached'];
}
