import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Disk, freshDisk } from './disk.js';
import { CURL, ECHO, makeBackend, say, startTalking } from './forwarder-network.js';
import { Machine } from './machine.js';
import { builtPackage } from './package.js';
import type { Release } from './releases.js';

const CACHE = resolve('dist/boot');
const UNIT = 'truepeer-forwarder.service';

/** The forwarder's unit, on a release of Debian: a client and a backend are in network namespaces of the machine. */
export function testForwarderUnit(release: Release): void {
  describe(`the forwarder under systemd on Debian ${release.name}`, () => {
    let disk: Disk;
    let machine: Machine;
    before(async () => {
      disk = await freshDisk(release, CACHE, 'forwarder');
      machine = await Machine.boot(disk);
      await machine.tell(`DEBIAN_FRONTEND=noninteractive apt-get install -y /host${builtPackage()}`);
      await makeBackend(machine);
    });
    after(async () => {
      await machine?.[Symbol.asyncDispose]();
      await disk?.[Symbol.asyncDispose]();
    });

    const tell = (script: string): Promise<string> => machine.tell(script);
    const show = (property: string): Promise<string> => tell(`systemctl show -P ${property} ${UNIT}`);
    const said = (): Promise<string> => tell(`journalctl --sync; journalctl -o cat -u ${UNIT}`);
    const configure = (backend: string): Promise<string> =>
      tell(`cat > /etc/truepeer/truepeer.yaml << 'END'
forwarder:
  interfaces: [to-client, to-backend]
  localAddresses: [10.9.0.1]
  capacity: 1000
  metrics: 9469
  services:
    - { name: web, listen: 203.0.113.1:8000, backends: [{ address: ${backend}:8000 }] }
    - { name: echo, listen: ${ECHO}, backends: [{ address: 10.9.0.2:7000 }] }
END`);
    /** Until another process is at it than before. */
    const untilAnother = (before: string): Promise<string> =>
      tell(`
        until [ "$(systemctl show -P MainPID ${UNIT})" != ${before} ] && systemctl is-active -q ${UNIT}
        do sleep 1; done`);

    test('enabled and started, it forwards, and tells what it does', async () => {
      await configure('10.9.0.2');
      await tell(`systemctl enable --now ${UNIT}`);
      assert.equal(await tell(CURL), 'welcome');
      await startTalking(machine);
      await say(machine, 'first');
      assert.match(await show('StatusText'), /^forwarding 2 services, 2 of 2 backends up$/);
      const metrics = await tell('chroot /host curl -sS -m 60 http://127.0.0.1:9469/metrics');
      assert.match(metrics, /^truepeer_forwarder_connections_established_total\{service="echo"\} 1$/m);
      assert.equal(await tell('systemctl --failed --no-legend'), '');
    });

    test('its confinement is what is written down', async (t) => {
      const text = await tell(`systemd-analyze security --no-pager ${UNIT} | tail -n 1`);
      t.diagnostic(text);
      assert.match(text, /: 3\.\d OK/);
    });

    test('a reload changes it, and fails with one line where the configuration is refused', async () => {
      await configure('10.9.0.3');
      await tell(`systemctl reload ${UNIT}`);
      assert.equal(await show('ActiveState'), 'active');
      assert.match(await tell('truepeer forwarder status'), /10\.9\.0\.3:8000/);
      await configure('10.9.0.1');
      assert.notEqual((await machine.run(`systemctl reload ${UNIT}`)).status, 0);
      assert.match(await said(), /^truepeer: .*truepeer\.yaml:7:.* 10\.9\.0\.1 is this host itself/m);
      assert.equal(await show('ActiveState'), 'active');
      await configure('10.9.0.2');
      await tell(`systemctl reload ${UNIT}`);
      await say(machine, 'after reloads');
    });

    test('connections outlive a restart, a kill and the watchdog', async () => {
      for (const [what, end] of [
        ['a restart', `systemctl restart ${UNIT}`],
        ['a kill', `kill -KILL $(systemctl show -P MainPID ${UNIT})`],
        ['the watchdog', `kill -STOP $(systemctl show -P MainPID ${UNIT})`],
      ] as const) {
        const before = await show('MainPID');
        await tell(end);
        await untilAnother(before);
        await say(machine, `after ${what}`);
        assert.equal(await tell(CURL), 'welcome');
      }
    });

    test('stopped, it goes on forwarding, and a refused start fails with one line', async () => {
      await tell(`systemctl stop ${UNIT}`);
      await say(machine, 'stopped');
      assert.match((await machine.run('truepeer forwarder status')).stdout, /no daemon is running/);
      await configure('10.9.0.1');
      assert.notEqual((await machine.run(`systemctl start ${UNIT}`)).status, 0);
      await tell(`systemctl stop ${UNIT}; systemctl reset-failed ${UNIT}`);
      await say(machine, 'refused');
      await configure('10.9.0.2');
      await tell(`systemctl start ${UNIT}`);
      await say(machine, 'started');
    });

    test('detached while it runs, it ends and stays so', async () => {
      await tell(
        `truepeer forwarder detach; until [ "$(systemctl is-active ${UNIT})" = inactive ]; do sleep 1; done`,
      );
      await tell(`systemctl start ${UNIT}`);
      assert.equal(await tell(CURL), 'welcome');
    });

    test('purged, it leaves nothing attached', async () => {
      await tell('DEBIAN_FRONTEND=noninteractive apt-get purge -y truepeer');
      assert.equal(await tell('ls -d /sys/fs/bpf/truepeer /run/truepeer 2>/dev/null || true'), '');
      assert.doesNotMatch(await tell('ip -details link show'), /xdp/);
    });
  });
}
