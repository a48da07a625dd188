import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { currentIsolation } from '../../src/lab/isolation.js';
import { type Chain, createChain } from '../support/chain.js';
import { waitUntilNothingRemains } from '../support/remains.js';
import { Traffic } from '../support/traffic.js';
import { Booted } from './boot.js';
import { NEWER, rpmOf } from './built.js';
import { Root } from './root.js';
import { SYSTEMS } from './systems.js';

/* The scriptlets where systemd runs; see rpm.matrix.ts. */
describe('rpm, with systemd running', () => {
  let chain: Chain;
  let root: Root;
  let booted: Booted;
  let traffic: Traffic;
  before(async () => {
    chain = await createChain();
    chain.tag();
    root = await Root.unpack(SYSTEMS.at(-1)!);
    await root.install('libbpf1', 'libstdc++6', 'rpm', 'systemd', 'systemd-sysv', 'dbus');
    booted = await Booted.boot(root);
  });
  after(async () => {
    await booted[Symbol.asyncDispose]();
    await root[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const isActive = async (unit: string): Promise<string> =>
    (await root.run(['systemctl', 'is-active', unit], { check: false })).stdout.trim();

  test('installed, nothing is enabled; a trusted network and one systemctl are all it takes', async () => {
    await root.run(['rpm', '--nodeps', '-i', await root.give(await rpmOf(''))]);
    const { stdout } = await root.run(['systemctl', 'is-enabled', 'truepeer-receiver'], { check: false });
    assert.equal(stdout, 'disabled\n');
    await appendFile(join(root.path, 'etc/truepeer/truepeer.yaml'), 'receiver: { trust: any }\n');
    await root.run(['systemctl', 'enable', '--now', 'truepeer-receiver']);
    traffic = await Traffic.start(chain);
    await traffic.checkKept();
  });

  test('an upgrade replaces what is attached in place: no connection loses its client', async () => {
    await root.run(['rpm', '--nodeps', '-U', await root.give(await rpmOf(NEWER))]);
    const { version } = JSON.parse(await root.sh('truepeer receiver status --json'));
    assert.match(version, /\+newer$/);
    assert.equal(await isActive('truepeer-receiver'), 'active');
    await traffic.checkKept();
    await traffic.checkNew();
  });

  test('erased, the service is stopped and disabled, and nothing is attached', async () => {
    await root.run(['rpm', '-e', 'truepeer']);
    await waitUntilNothingRemains(currentIsolation().cgroup);
    assert.notEqual(await isActive('truepeer-receiver'), 'active');
    assert.equal(await root.sh('find /etc/systemd -name "truepeer*"'), '');
  });
});
