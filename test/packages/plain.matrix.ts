import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Chain, createChain } from '../support/chain.js';
import { remainsOf, waitUntilNothingRemains } from '../support/remains.js';
import { KEPT, Traffic } from '../support/traffic.js';
import { debOf, NEWER } from './built.js';
import { Root } from './root.js';
import { SYSTEMS } from './systems.js';

for (const system of SYSTEMS)
  describe(`${system.name}, without an init`, () => {
    let chain: Chain;
    let root: Root;
    let traffic: Traffic;
    let clean: string[];
    before(async () => {
      chain = await createChain();
      chain.tag();
      root = await Root.unpack(system);
      await root.mountKernel();
      clean = await root.ours();
    });
    after(async () => {
      await root[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
    });

    const status = async () => JSON.parse(await root.sh('truepeer receiver status --json'));

    test('apt installs it, and nothing is attached', async () => {
      await root.install(await root.give(await debOf('')));
      assert.match(await root.sh('truepeer --version'), /^\d+\.\d+\.\d+/);
      assert.deepEqual(remainsOf(chain.backend.cgroup), []);
    });

    test('attaching without a word about trust is refused, in one line', async () => {
      const { status, stderr } = await root.run(['truepeer', 'receiver', 'attach'], { check: false });
      assert.match(stderr, /^truepeer: .*--trust.*\n$/);
      assert.equal(status, 2);
    });

    test('without privileges, without cgroup v2: one line says what to do', async () => {
      const attach = 'truepeer receiver attach --trust any';
      for (const [line, says] of [
        [`setpriv --bounding-set=-all --inh-caps=-all ${attach}`, /privilege|root|CAP_/],
        [`umount /sys/fs/cgroup; ${attach}`, /needs cgroup v2, mounted.*: mount it: `/],
      ] as const) {
        const { status, stderr } = await root.run(['sh', '-c', line], { check: false });
        assert.match(stderr, /^truepeer: .+\n$/);
        assert.match(stderr, says);
        assert.notEqual(status, 0);
      }
    });

    test('it attaches, and the servers outside of it see their clients', async () => {
      await root.sh(`truepeer receiver attach --trust any --cgroup ${cgroupIn(chain.backend.cgroup)}`);
      assert.equal((await status()).attached, true);
      traffic = await Traffic.start(chain);
      await traffic.checkKept();
    });

    test('an upgrade leaves what is attached in place, and attaching again replaces it: no connection loses its client', async () => {
      await root.install(await root.give(await debOf(NEWER)));
      assert.match(await root.sh('truepeer --version'), /\+newer$/);
      await traffic.checkKept();
      await root.sh(`truepeer receiver attach --trust any --cgroup ${cgroupIn(chain.backend.cgroup)}`);
      assert.match((await status()).version, /\+newer$/);
      await traffic.checkKept();
      await traffic.checkNew();
    });

    test('removal detaches, and leaves the settings', async () => {
      await root.run(['apt-get', '-q', '-y', 'remove', 'truepeer']);
      await waitUntilNothingRemains(chain.backend.cgroup);
      assert.deepEqual(await traffic.kept(), { same: 0, changed: KEPT, gone: 0 });
      // Debian also remembers what was enabled.
      const left = (await root.ours()).filter(
        (file) => !file.startsWith('/var/lib/systemd/deb-systemd-helper'),
      );
      assert.deepEqual(left, [...clean, '/etc/truepeer', '/etc/truepeer/truepeer.yaml']);
    });

    test('a purge leaves nothing', async () => {
      await root.run(['apt-get', '-q', '-y', 'purge', 'truepeer']);
      assert.deepEqual(await root.ours(), clean);
    });
  });

/** As it is named in the root, where cgroup v2 is at the usual place. */
function cgroupIn(path: string): string {
  return path.slice(path.indexOf('truepeer-lab-'));
}
