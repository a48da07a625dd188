import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryCgroup } from '../src/kernel/memory-cgroup.js';
import { mounts } from '../src/kernel/mounts.js';
import { readStats } from '../src/receiver/stats.js';
import { ADDRESSES, createChain } from './support/chain.js';
import { BINARY } from './support/cli.js';
import { giveQueues, reportOf, serve, startLoad } from './support/load.js';

const COUNT = 2_000;
const PORT = 8000;
/** Less than a quarter of what the storage of as many connections takes. */
const FEW_BYTES = 100 * COUNT;

const here = memoryCgroup(readFileSync('/proc/self/cgroup', 'utf8'), mounts());
const session = join(here?.root ?? '', `truepeer-session-${crypto.randomUUID()}`);
const usageFile = here?.version === 2 ? 'memory.current' : 'memory.usage_in_bytes';

/** A memory cgroup like that of a session or a service: below the root, for only there are controllers everywhere. */
function makeSession(): Disposable {
  mkdirSync(session);
  return { [Symbol.dispose]: () => rmdirSync(session) };
}

test('the session that an attach was run in is not charged for the connections of the host', async (t) => {
  if (here === undefined) return t.skip('the memory cgroup cannot be seen from here');
  using _session = makeSession();
  if (!existsSync(join(session, usageFile))) return t.skip('no memory controller below the root');
  await using chain = await createChain();
  const { forwarder, backend } = chain;
  await giveQueues(forwarder, backend);
  const attach = `echo 0 > ${session}/cgroup.procs && exec "$@"`;
  const trust = ['--trust', ADDRESSES.forwarder.ipv4, '--cgroup', backend.cgroup];
  await backend.run('sh', ['-c', attach, 'sh', process.execPath, BINARY, 'receiver', 'attach', ...trust]);
  chain.tag();

  const server = await serve(backend, 'keep-peers', PORT, [String(COUNT)]);
  const usage = () => Number(readFileSync(join(session, usageFile), 'utf8'));
  const before = usage();
  const load = startLoad(chain, { family: 'ipv4', port: PORT, count: COUNT });
  await server.waitForLine(/^holding /m);
  const charged = usage() - before;
  server.stdin.end();
  await Promise.all([reportOf(load), server.closed]);

  assert.equal(readStats().outcomes.tagged, BigInt(COUNT));
  assert.ok(charged < FEW_BYTES, `${charged} bytes for ${COUNT} connections`);
});
