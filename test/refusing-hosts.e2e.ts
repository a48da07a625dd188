import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { statusShape } from '../src/cli/json-shapes/index.js';
import { type Result, run } from '../src/lab/run.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { assertRefused, BINARY, jsonOf, truepeer } from './support/cli.js';
import { remainsOf } from './support/remains.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truepeer-host-'));
});
afterEach(() => detachReceiver());
after(() => rm(folder, { recursive: true }));

/** Attaches on a host that is as it is, but for what a command has done to the mounts before. */
async function attachAfter(shell: string, trust = '10.0.0.0/8', wrapper: string[] = []): Promise<Result> {
  const attach = [process.execPath, BINARY, 'receiver', 'attach', '--trust', trust];
  const script = `set -e; ${shell}\nexec "$@"`;
  const argv = ['unshare', '--mount', 'sh', '-c', script, 'sh', ...wrapper, ...attach];
  return run(argv, { check: false, cwd: folder });
}

/** Has this module in `/proc/modules`. Kernels without modules have no such file that another could be mounted on. */
async function loaded(module: string): Promise<string> {
  await mkdir(join(folder, 'real'), { recursive: true });
  await rm(join(folder, 'proc'), { recursive: true, force: true });
  await mkdir(join(folder, 'proc'));
  await writeFile(join(folder, 'proc/modules'), `xfs 1 0 - Live 0x0\n${module} 16384 0 - Live 0x0 (OE)\n`);
  return `mount --rbind /proc real
    for name in $(ls real | grep -vx modules); do ln -s "$PWD/real/$name" proc/; done
    mount --bind proc /proc`;
}

test('a classic module keeps a receiver from being attached, and is told how to be unloaded', async () => {
  for (const module of ['toa', 'vtoa']) {
    const refused = await attachAfter(await loaded(module));
    assertRefused(
      refused,
      1,
      new RegExp(
        `^truepeer: there is the kernel module ${module}; it answers .*: unload it with \`rmmod ${module}\`, and attach then\n$`,
      ),
    );
    assert.equal((await truepeer('receiver', 'status')).status, 1, 'not attached');
    assert.deepEqual(remainsOf('/'), []);
  }
  const other = await attachAfter(await loaded('ip_vs'));
  assert.deepEqual([other.status, other.stderr], [0, '']);
});

test('a receiver that is attached stays as it is when a module has come', async () => {
  await truepeer('receiver', 'attach', '--trust', '10.0.0.0/8');
  const attached = async () => {
    const status = await jsonOf(statusShape, 'receiver', 'status');
    assert.ok(status.attached);
    return { trust: status.trust, changed: Date.parse(status.changed) };
  };
  const before = await attached();
  assertRefused(await attachAfter(await loaded('toa'), '10.1.0.0/16'), 1, /rmmod toa/);
  const after = await attached();
  assert.deepEqual(after.trust, before.trust);
  assert.ok(Math.abs(after.changed - before.changed) <= 1, 'within the milliseconds that are told');
});

const CASES: readonly {
  readonly host: string;
  readonly shell: string;
  readonly wrapper?: readonly string[];
  /** Whether not every machine lets the wrapper run: there are no user namespaces behind chroot(). */
  readonly mayBeForbidden?: true;
  readonly says: RegExp;
}[] = [
  {
    host: 'without cgroup v2',
    shell: 'findmnt --noheadings --list --output TARGET --types cgroup2 | xargs -r umount',
    says: /a receiver needs cgroup v2, mounted.*: mount it: `mkdir -p .* && mount -t cgroup2 none /,
  },
  {
    host: 'without BTF',
    shell: 'mount -t tmpfs none /sys/kernel/btf',
    says: /a receiver needs type information of the kernel \(BTF\).* does not have it.*CONFIG_DEBUG_INFO_BTF/,
  },
  {
    host: 'a container without privileges',
    shell: ':',
    wrapper: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
    says: /needs bpf\(\), with the privilege to use it.* in a container, give it CAP_SYS_ADMIN and CAP_NET_ADMIN/,
  },
  {
    host: 'a user namespace',
    shell: ':',
    wrapper: ['unshare', '--user', '--map-root-user'],
    mayBeForbidden: true,
    says: /needs bpf\(\), with the privilege to use it.* \(in a user namespace\): run as root on the host/,
  },
];

for (const { host, shell, wrapper, mayBeForbidden, says } of CASES)
  test(`${host}: one line says what to do, and nothing is attached`, async (t) => {
    const tried = mayBeForbidden ? await run([...(wrapper ?? []), 'true'], { check: false }) : undefined;
    if (tried?.status) return t.skip(`not to be had here: ${tried.stderr.trim()}`);
    assertRefused(await attachAfter(shell, '10.0.0.0/8', [...(wrapper ?? [])]), 1, says);
    assert.deepEqual(remainsOf('/'), []);
  });
