import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { currentIsolation } from '../../src/lab/isolation.js';
import { PIN_ROOT } from '../../src/lifecycle/plan.js';
import { type Chain, createChain } from '../support/chain.js';
import { waitUntilNothingRemains } from '../support/remains.js';
import { KEPT, Traffic } from '../support/traffic.js';
import { Booted } from './boot.js';
import { debOf, NEWER } from './built.js';
import { Root } from './root.js';
import { SYSTEMS } from './systems.js';

/** A service that a tagger can be for. */
const PROXY = `[Service]
ExecStart=/bin/sleep infinity
`;

for (const system of SYSTEMS)
  describe(`${system.name}, with systemd running`, () => {
    let chain: Chain;
    let root: Root;
    let booted: Booted;
    let traffic: Traffic;
    let clean: string[];
    before(async () => {
      chain = await createChain();
      chain.tag();
      root = await Root.unpack(system);
      await root.install('systemd', 'systemd-sysv', 'dbus');
      booted = await Booted.boot(root);
      clean = await root.ours();
    });
    after(async () => {
      await booted[Symbol.asyncDispose]();
      await root[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
    });

    const isActive = async (unit: string): Promise<string> =>
      (await root.run(['systemctl', 'is-active', unit], { check: false })).stdout.trim();
    const statusOf = async (role: string) => JSON.parse(await root.sh(`truepeer ${role} status --json`));

    test('installed, nothing is enabled, and nothing is attached', async () => {
      await root.install(await root.give(await debOf('')));
      for (const unit of ['truepeer-receiver.service', 'truepeer-forwarder.service']) {
        const { stdout } = await root.run(['systemctl', 'is-enabled', unit], { check: false });
        assert.match(stdout, /^(disabled|static)\n$/, unit);
        assert.equal(await isActive(unit), 'inactive');
      }
      assert.ok(!existsSync(PIN_ROOT));
    });

    test('the service refuses to start without trust, with one line in the journal', async () => {
      const { status } = await root.run(['systemctl', 'start', 'truepeer-receiver'], { check: false });
      assert.notEqual(status, 0);
      await root.run(['journalctl', '--sync']);
      const said = await root.sh('journalctl -o cat -u truepeer-receiver.service | grep ^truepeer:');
      assert.match(said, /^truepeer: .*trust.*$/);
    });

    test('a trusted network and one systemctl are all it takes', async () => {
      await appendFile(
        join(root.path, 'etc/truepeer/truepeer.yaml'),
        'receiver:\n  trust: [10.1.0.0/24, "fd00:1::/64"]\n',
      );
      await root.run(['systemctl', 'enable', '--now', 'truepeer-receiver']);
      traffic = await Traffic.start(chain);
      await traffic.checkKept();
    });

    test('a tagger comes with its service', async () => {
      await writeFile(join(root.path, 'etc/systemd/system/proxy.service'), PROXY);
      await root.run(['systemctl', 'daemon-reload']);
      await root.run(['systemctl', 'enable', 'truepeer-tagger@proxy']);
      await root.run(['systemctl', 'start', 'proxy']);
      assert.equal((await statusOf('tagger')).taggers.length, 1);
    });

    test('an upgrade replaces what is attached in place: no connection loses its client', async () => {
      await root.install(await root.give(await debOf(NEWER)));
      assert.match((await statusOf('receiver')).version, /\+newer$/);
      assert.equal(await isActive('truepeer-receiver'), 'active');
      assert.equal(await isActive('truepeer-tagger@proxy'), 'active');
      await traffic.checkKept();
      await traffic.checkNew();
    });

    test('an upgrade keeps the settings that were edited, and asks nothing', async () => {
      assert.match(await root.sh('cat /etc/truepeer/truepeer.yaml'), /^ {2}trust: \[10\.1\.0\.0/m);
    });

    test('removal stops the services and detaches', async () => {
      await root.run(['apt-get', '-q', '-y', 'remove', 'truepeer']);
      await waitUntilNothingRemains(currentIsolation().cgroup);
      assert.deepEqual(await traffic.kept(), { same: 0, changed: KEPT, gone: 0 });
      assert.notEqual(await isActive('truepeer-receiver'), 'active');
      assert.equal(await isActive('proxy'), 'active', 'the proxy goes on');
    });

    test('installed again, it is enabled as it was', async () => {
      await root.install(await root.give(await debOf('')));
      await root.run(['systemctl', 'is-enabled', 'truepeer-receiver']);
      await root.run(['systemctl', 'is-enabled', 'truepeer-tagger@proxy']);
    });

    test('a purge leaves nothing', async () => {
      await root.run(['apt-get', '-q', '-y', 'purge', 'truepeer']);
      assert.deepEqual(await root.ours(), clean);
      assert.ok(!existsSync(PIN_ROOT));
    });
  });
