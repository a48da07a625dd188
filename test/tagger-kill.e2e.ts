import assert from 'node:assert/strict';
import { rmdirSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { createLab, type Lab } from '../src/lab/lab.js';
import { attachTagger } from '../src/tagger/attach.js';
import { detachTagger } from '../src/tagger/detach.js';
import { Changes } from './support/lifecycle.js';
import { TAGGER_SCRIPT, TAGGER_SETTINGS, taggerRemains } from './support/tagger.js';

const changes = new Changes(TAGGER_SCRIPT);
let lab: Lab;
let cgroups = 0;

before(async () => {
  lab = await createLab({ hosts: { proxy: {} } });
});
afterEach(() => {
  detachTagger();
});
after(async () => {
  changes[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

const cgroupNamed = (name: string): string => lab.host('proxy').cgroupNamed(name);

/** How an attach or a detach ends that is killed at its n-th system call, where it makes as many. */
async function killedAt(n: number, detach: boolean, cgroup: string): Promise<string> {
  const change = await changes.next();
  await change.goUntilCall(n, { detach, cgroup, settings: TAGGER_SETTINGS });
  return change.outcome();
}

/** What is left, and on which cgroup, after each way in which an attach or a detach can be killed. */
async function* killed(detach: boolean): AsyncGenerator<string> {
  for (let n = 1; ; n++) {
    const cgroup = cgroupNamed(`proxy${cgroups++}`);
    if (detach) attachTagger(cgroup, TAGGER_SETTINGS);
    if ((await killedAt(n, detach, cgroup)) !== 'killed') return;
    yield cgroup;
  }
}

for (const detach of [false, true]) {
  const what = detach ? 'a detach' : 'an attach';

  test(`${what} killed at any step leaves nothing behind a detach of all, with its cgroup or without`, async () => {
    let turn = 0;
    for await (const cgroup of killed(detach)) {
      const hasLeft = taggerRemains(cgroup).length > 0;
      if (turn++ % 2 === 0) rmdirSync(cgroup);
      assert.equal(detachTagger(), hasLeft);
      assert.deepEqual(taggerRemains(cgroup), []);
    }
    assert.ok(turn > 10, `it was killed ${turn} times`);
  });
}
