import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Disk, freshDisk } from './disk.js';
import { EARLY_ADDRESS } from './furnish.js';
import { Machine } from './machine.js';
import { CLIENT_ADDRESS, makeProxy, PROXY_URL } from './network.js';
import { builtPackage } from './package.js';
import type { Release } from './releases.js';
import { TOA_MODULE } from './toa-module.js';

/** Where systems are kept from run to run. */
const CACHE = resolve('dist/boot');
const UNITS = 'truepeer-receiver.service truepeer-tagger@haproxy.service truepeer-forwarder.service';

/** The units, and the package that brings them, on a release of Debian. */
export function testSystemd(release: Release): void {
  describe(`systemd on Debian ${release.name}`, () => {
    let disk: Disk;
    let machine: Machine;
    before(async () => {
      disk = await freshDisk(release, CACHE, 'systemd');
      machine = await Machine.boot(disk);
    });
    after(async () => {
      await machine?.[Symbol.asyncDispose]();
      await disk?.[Symbol.asyncDispose]();
    });

    const tell = (script: string): Promise<string> => machine.tell(script);
    const reboot = async (...parameters: string[]): Promise<void> => {
      await machine.shutDown();
      machine = await Machine.boot(disk, parameters);
    };
    /** What a unit has said in its present or last run, without systemd's own words. */
    const said = (unit: string): Promise<string> =>
      tell(`
        journalctl --sync
        journalctl -o cat -t truepeer _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID ${unit})`);
    /** Who nginx took the first client of this boot for. */
    const firstClient = async (): Promise<string> => {
      await tell('while systemctl is-active -q lab-early-client; do sleep 1; done');
      return (await tell('grep -m 1 /early /var/log/nginx/access.log')).split(' ')[0]!;
    };
    /** Who nginx takes a client for that comes through HAProxy. */
    const clientThroughProxy = async (): Promise<string> => {
      await tell(`as_client curl -s -m 60 -o /dev/null ${PROXY_URL}`);
      return (await tell('tail -n 1 /var/log/nginx/access.log')).split(' ')[0]!;
    };

    test('apt installs the package, and nothing of it runs', async () => {
      await tell(`DEBIAN_FRONTEND=noninteractive apt-get install -y /host${builtPackage()}`);
      assert.match(await tell('truepeer --version'), /^\d+\.\d+\.\d+/);
      const { stdout } = await machine.run(`systemctl is-enabled ${UNITS}; systemctl is-active ${UNITS}`);
      assert.deepEqual(stdout.trim().split('\n'), [
        ...Array(3).fill('disabled'),
        ...Array(3).fill('inactive'),
      ]);
      assert.equal(await tell(`systemd-analyze verify --man=no ${UNITS} 2>&1`), '');
    });

    test('without `trust:` the service fails with one line that says what to do', async () => {
      assert.equal((await machine.run('systemctl start truepeer-receiver')).status, 1);
      assert.match(await said('truepeer-receiver'), /^truepeer: whose TOA shall be believed\?.*`trust:`.*$/);
    });

    test('setting `trust:` and enabling it is all it takes', async () => {
      await tell("echo 'receiver: { trust: [127.0.0.0/8] }' > /etc/truepeer/truepeer.yaml");
      await tell('systemctl enable --now truepeer-receiver');
      assert.match(await tell('truepeer receiver status'), /^receiver +attached/);
      assert.equal(await tell('systemctl --failed --no-legend'), '');
    });

    test('so it is for the tagger of HAProxy', async () => {
      await makeProxy(machine);
      await tell('systemctl enable truepeer-tagger@haproxy && systemctl restart haproxy');
      assert.equal(await clientThroughProxy(), CLIENT_ADDRESS);
    });

    test('after a reboot it is attached before nginx accepts its first connection', async () => {
      await tell('systemctl enable lab-early-client && rm /var/log/nginx/access.log');
      await reboot();
      assert.equal(await firstClient(), EARLY_ADDRESS);
      const [receiver, interfaces, nginx] = (
        await tell(`
          systemctl show -P ActiveEnterTimestampMonotonic truepeer-receiver network-pre.target
          systemctl show -P ExecMainStartTimestampMonotonic nginx`)
      )
        .split('\n')
        .filter((line) => line !== '')
        .map(Number);
      assert.ok(receiver! < interfaces! && interfaces! < nginx!, `${receiver} ${interfaces} ${nginx}`);
    });

    test('and so is the tagger before HAProxy', async () => {
      await makeProxy(machine);
      assert.equal(await clientThroughProxy(), CLIENT_ADDRESS);
    });

    test('the tagger follows restarts of HAProxy, its crash, and a stop', async () => {
      const taggers = (): Promise<string> => tell('ls /sys/fs/bpf/truepeer');
      const seen = new Set([await taggers()]);
      const again = async (): Promise<void> => {
        assert.equal(await clientThroughProxy(), CLIENT_ADDRESS);
        const found = await taggers();
        assert.match(found, /^receiver\ntagger-\d+$/);
        assert.ok(!seen.has(found), 'a new cgroup, and nothing left of the old one');
        seen.add(found);
      };
      await tell('systemctl restart haproxy');
      await again();
      await tell(`
        before=$(systemctl show -P MainPID haproxy)
        kill -KILL "$before"
        until [ "$(systemctl show -P MainPID haproxy)" != "$before" ] && systemctl is-active -q haproxy
        do sleep 1; done`);
      await again();
      await tell(`
        systemctl stop haproxy
        until [ "$(systemctl is-active truepeer-tagger@haproxy)" = inactive ]; do sleep 1; done`);
      assert.equal(await taggers(), 'receiver');
      await tell('systemctl start haproxy');
      await again();
      assert.equal(await tell('systemctl --failed --no-legend'), '');
    });

    test('reloads and an upgrade of the package keep the clients of open connections', async () => {
      await tell(`
        mkfifo /run/lab/hold
        nsenter --net=/run/netns/client \\
          bash -c 'exec 3<>/dev/tcp/203.0.113.1/8080 && read -r _ < /run/lab/hold' > /dev/null 2>&1 &
        until truepeer receiver connections --json | grep -q ${CLIENT_ADDRESS}; do sleep 1; done`);
      const connections = async (): Promise<unknown> => {
        const shown = await tell(`truepeer receiver connections --json; truepeer tagger connections --json`);
        return shown.match(/"(address|port|inode)": \S+/g);
      };
      const before = await connections();
      await tell('systemctl reload truepeer-receiver truepeer-tagger@haproxy');
      assert.deepEqual(await connections(), before);
      await tell(`DEBIAN_FRONTEND=noninteractive apt-get install -y --reinstall /host${builtPackage()}`);
      assert.deepEqual(await connections(), before);
      await tell('echo > /run/lab/hold');
    });

    test('stopped, it is detached, and nginx sees the proxy', async () => {
      await tell('systemctl stop truepeer-receiver');
      assert.match(await tell('ls /sys/fs/bpf/truepeer'), /^tagger-\d+$/);
      assert.equal(await clientThroughProxy(), '127.0.0.1');
    });

    test('beside a classic module it fails with one line that says what to do', async () => {
      await tell(`insmod ${TOA_MODULE}`);
      assert.equal((await machine.run('systemctl start truepeer-receiver')).status, 1);
      assert.match(
        await said('truepeer-receiver'),
        /^truepeer: there is the kernel module toa; .*unload it with `rmmod toa`, and attach then$/,
      );
      assert.match(await tell('ls /sys/fs/bpf/truepeer'), /^tagger-\d+$/);
      await tell('rmmod toa');
    });

    test('on a locked-down kernel the tagger fails with one line, and the receiver works', async () => {
      await tell('echo confidentiality > /sys/kernel/security/lockdown');
      await tell('systemctl start truepeer-receiver');
      assert.match(await tell('truepeer receiver status'), /^receiver +attached/);
      await machine.run('systemctl restart truepeer-tagger@haproxy');
      assert.match(
        await said('truepeer-tagger@haproxy'),
        /^truepeer: a tagger needs .*lockdown=confidentiality.*$/,
      );
    });

    test('had it not been attached at boot, that first client would have been the proxy to nginx', async () => {
      await tell('rm /var/log/nginx/access.log');
      await reboot('systemd.mask=truepeer-receiver.service');
      assert.equal(await firstClient(), '127.0.0.1');
    });

    test('purged, it leaves nothing, and everything else runs on', async () => {
      await tell('DEBIAN_FRONTEND=noninteractive apt-get purge -y truepeer');
      assert.equal(
        await tell('ls -d /sys/fs/bpf/truepeer /etc/truepeer /usr/lib/truepeer 2>/dev/null || true'),
        '',
      );
      assert.equal(await tell("find /etc/systemd -name 'truepeer-[a-z]*'"), '');
      assert.equal(await tell('systemctl is-active nginx haproxy'), 'active\nactive');
    });
  });
}
