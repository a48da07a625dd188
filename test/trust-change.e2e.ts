import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parseCidr } from '../src/wire/index.js';
import { createChain } from './support/chain.js';
import { reportOf, serve, startLoad } from './support/load.js';
import { outcomesOf } from './support/outcomes.js';

const COUNT = 20_000;
const PORT = 9000;

test('trust changes again and again while connections arrive: each is believed or not, none is lost', async () => {
  await using chain = await createChain();
  chain.attach();
  chain.tag();
  await serve(chain.backend, 'peername-server', PORT);
  const counted = outcomesOf();
  const loads = (['ipv4', 'ipv6'] as const).map((family) =>
    startLoad(chain, { family, port: PORT, count: COUNT, concurrency: 4 }),
  );
  const everything = Promise.all(loads.map(reportOf));

  let changes = 0;
  while (loads.some(({ running }) => running) || changes < 4) {
    chain.attach(changes++ % 2 === 0 ? { trust: [parseCidr('192.0.2.0/24')] } : {});
    await setImmediate();
  }

  const reports = await everything;
  const ok = reports.reduce((sum, report) => sum + report.ok, 0);
  const missing = reports.reduce((sum, report) => sum + report.missing, 0);
  for (const { connections, swapped, errors } of reports)
    assert.deepEqual({ connections, swapped, errors }, { connections: COUNT, swapped: 0, errors: {} });
  assert.ok(ok > 0 && missing > 0, `${ok} clients were believed, ${missing} were not, in ${changes} changes`);
  assert.deepEqual(counted(), { tagged: ok, untrusted: missing });
});
