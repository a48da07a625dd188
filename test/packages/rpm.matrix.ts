import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Chain, createChain } from '../support/chain.js';
import { remainsOf, waitUntilNothingRemains } from '../support/remains.js';
import { Traffic } from '../support/traffic.js';
import { NEWER, rpmOf } from './built.js';
import { Root } from './root.js';
import { SYSTEMS } from './systems.js';

/*
 * rpm's own tools and scriptlets, on Debian's files: its database knows nothing of what is installed there, so that
 * dependencies are looked at, but not resolved.
 */
describe('rpm, without an init', () => {
  let chain: Chain;
  let root: Root;
  let traffic: Traffic;
  let clean: string[];
  let cgroup: string;
  before(async () => {
    chain = await createChain();
    chain.tag();
    cgroup = chain.backend.cgroup.slice(chain.backend.cgroup.indexOf('truepeer-lab-'));
    root = await Root.unpack(SYSTEMS.at(-1)!);
    await root.install('libbpf1', 'libstdc++6', 'rpm');
    await root.mountKernel();
    clean = await root.ours();
  });
  after(async () => {
    await root[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const rpm = (...args: readonly string[]) => root.run(['rpm', '--nodeps', ...args]);

  test('what it requires is on this system, in the versions it requires', async () => {
    const { stdout } = await root.run(['rpm', '-qp', '--requires', await root.give(await rpmOf(''))]);
    const libraries = [...stdout.matchAll(/^(lib\S+?)\((\w*?)([\d.]*)\)\(64bit\)$/gm)];
    assert.equal(libraries.length, 4);
    for (const [, library, prefix, version] of libraries) {
      const file = await root.sh(`ldconfig -p | sed -n 's/.*${library}.* => //p' | head -n 1`);
      assert.notEqual(file, '', library);
      if (prefix !== '') await root.run(['grep', '-q', '-a', '-F', `${prefix}${version}`, file]);
    }
  });

  test('it installs, and verifies', async () => {
    await rpm('-i', await root.give(await rpmOf('')));
    await rpm('-V', 'truepeer');
    assert.match(await root.sh('truepeer --version'), /^\d+\.\d+\.\d+/);
    assert.deepEqual(remainsOf(chain.backend.cgroup), []);
  });

  test('an upgrade leaves what is attached in place, and attaching again replaces it: no connection loses its client', async () => {
    await appendFile(
      join(root.path, 'etc/truepeer/truepeer.yaml'),
      `receiver: { trust: any, cgroup: ${cgroup} }\n`,
    );
    await root.sh('truepeer receiver attach');
    traffic = await Traffic.start(chain);
    await rpm('-U', await root.give(await rpmOf(NEWER)));
    await rpm('-V', '--noconfig', 'truepeer');
    assert.match(await root.sh('truepeer --version'), /\+newer$/);
    await traffic.checkKept();
    await root.sh('truepeer receiver attach');
    await traffic.checkKept();
    await traffic.checkNew();
  });

  test('erased, it is detached, and only settings that were edited are left', async () => {
    await rpm('-e', 'truepeer');
    await waitUntilNothingRemains(chain.backend.cgroup);
    assert.deepEqual(await root.ours(), [...clean, '/etc/truepeer', '/etc/truepeer/truepeer.yaml.rpmsave']);
  });
});
