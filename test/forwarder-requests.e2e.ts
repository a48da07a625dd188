import assert from 'node:assert/strict';
import { runWrk } from '../bench/wrk.js';
import { readStats } from '../src/receiver/stats.js';
import { createForwarderLab, FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { after, before, test } from './support/forwarder/test.js';
import { SITE, startNginx } from './support/forwarder-sites.js';

const { listen, backend } = FORWARDED;

let lab: ForwarderLab;
before(async () => {
  lab = await createForwarderLab();
  lab.receive();
  await startNginx(lab.backend);
  await lab.start({
    services: [
      {
        name: 'web',
        listen: `${listen.ipv4}:${SITE.nginx}`,
        backends: [{ address: `${backend.ipv4}:${SITE.nginx}` }],
        health: { type: 'none' },
      },
    ],
  });
});
after(() => lab[Symbol.asyncDispose]());

for (const reuse of [true, false])
  test(`no request of many fails, ${reuse ? 'on connections that stay' : 'each on a connection of its own'}`, async (t) => {
    const before = { ...readStats(), opened: lab.counted('opened') };
    const { requests } = await runWrk(lab.client, `http://${listen.ipv4}:${SITE.nginx}/`, {
      seconds: 2,
      reuse,
    });
    const after = { ...readStats(), opened: lab.counted('opened') };
    const established = Number(after.established - before.established);
    t.diagnostic(`${requests} requests on ${established} connections`);
    assert.ok(requests > 0);
    // nginx ends a connection after 1,000 requests.
    assert.ok(reuse ? established < 100 + requests / 1_000 : established >= requests);
    assert.equal(Number(after.opened - before.opened), established);
    assert.equal(Number(after.outcomes.tagged - before.outcomes.tagged), established);
    const lost = Object.entries(lab.counters()).filter(
      ([name, count]) => name.startsWith('drop') && count > 0n,
    );
    assert.deepEqual(lost, []);
  });
