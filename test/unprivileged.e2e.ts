import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BPFFS } from '../src/kernel/bpffs.js';
import { programById, programInfo } from '../src/kernel/info.js';
import { run } from '../src/lab/run.js';
import { PIN_ROOT } from '../src/lifecycle/plan.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { readStatus } from '../src/receiver/status.js';
import { type Chain, createChain } from './support/chain.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';

const COUNT = 20;
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;

let chain: Chain;
before(async () => {
  chain = await createChain();
  chain.tag();
  await serve(chain.backend, 'peername-server', 8000);
  // As bpffs is where it was mounted without a mode: what follows must not depend on the directory above.
  chmodSync(BPFFS, 0o1777);
});
beforeEach(() => detachReceiver());
after(() => chain[Symbol.asyncDispose]());

function attachedPrograms(): number[] {
  const status = readStatus();
  return status.attached ? status.programs.map(({ programId }) => programId) : [];
}

test('a user without privileges is refused in clear words, and can neither see nor change anything', async () => {
  chain.attach();
  const attached = attachedPrograms();
  const programId = attached.at(-1)!;
  using program = programById(programId);
  const child = fileURLToPath(new URL('support/unprivileged-child.js', import.meta.url));
  const ids = [programId, programInfo(program).mapIds[0]].map(String);
  const { stdout } = await run([...AS_NOBODY, process.execPath, child, ...ids]);
  // Linux 5.10 refuses whoever has no privileges before it looks at the path.
  const { 'open a pinned map': map, 'open a pinned link': link, ...answers } = JSON.parse(stdout);
  for (const answer of [map, link]) assert.match(answer, /^E(ACCES|PERM)$/);
  assert.deepEqual(answers, {
    attach: 'attaching a receiver needs root: run it with sudo',
    detach: 'detaching a receiver needs root: run it with sudo',
    status: 'looking at a receiver needs root: run it with sudo',
    stats: 'looking at a receiver needs root: run it with sudo',
    connections: 'looking at a receiver needs root: run it with sudo',
    explain: 'looking at a receiver needs root: run it with sudo',
    'list the pins': 'EACCES',
    'put something beside them': 'EACCES',
    'move them away': 'EPERM',
    'hold the lock': 'EACCES',
    'open the program by its id': 'EPERM',
    'open the map by its id': 'EPERM',
    'list programs': 'EPERM',
    'load a program': 'EPERM',
  });
  assert.deepEqual(attachedPrograms(), attached);
  assert.deepEqual(
    await reportOf(startLoad(chain, { family: 'ipv4', port: 8000, count: COUNT })),
    allOk(COUNT),
  );
});

test('everything pinned is readable by root alone', () => {
  chain.attach();
  const paths = [
    PIN_ROOT,
    ...readdirSync(PIN_ROOT, { recursive: true }).map((name) => join(PIN_ROOT, String(name))),
  ];
  assert.ok(paths.length > 8, paths.join());
  for (const path of paths) {
    const found = lstatSync(path);
    assert.deepEqual([found.uid, found.mode & 0o777], [0, found.isDirectory() ? 0o700 : 0o600], path);
  }
});

test('a pin directory that another user has laid out is not used', async () => {
  for (const trap of [`mkdir ${PIN_ROOT}`, `ln -s /nowhere ${PIN_ROOT}`, `ln -s ${BPFFS} ${PIN_ROOT}`]) {
    await run([...AS_NOBODY, 'sh', '-c', trap]);
    assert.throws(() => chain.attach(), {
      name: 'PinDirectoryError',
      message: /truepeer is not root's alone \(user 65534, mode 7.*remove it with `rm -r .*truepeer`$/,
    });
    await run(['rm', '-r', PIN_ROOT]);
  }
  assert.equal(chain.attach().outcome, 'attached');
});
