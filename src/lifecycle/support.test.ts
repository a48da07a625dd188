import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupRoot } from '../kernel/cgroup.js';
import { KernelError } from '../kernel/errors.js';
import { FEATURES } from '../kernel/features.js';
import { toFinding } from '../kernel/finding.js';
import { run } from '../lab/run.js';
import { explainRefusal, floorOf, requireSupport, UnsupportedError } from './support.js';

const EINVAL = 22;

/** What attaching says where the host has been spoiled first. */
async function attachAfter(spoil: string): Promise<string> {
  const attach = `
    const { attachReceiver } = await import('${new URL('../receiver/attach.js', import.meta.url).href}');
    try {
      attachReceiver({ trust: 'any', profiles: ['tencent'], kinds: [], refuse: [], cgroup: '/no-such', sockopt: true });
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }`;
  const { stdout } = await run([
    ...['unshare', '--mount', 'sh', '-c', `${spoil} && exec "$0" "$@"`],
    ...[process.execPath, '--input-type=module', '-e', attach],
  ]);
  return stdout;
}

for (const [role, floor] of [
  ['receiver', '5.10'],
  ['tagger', '5.10'],
  ['forwarder', '5.18'],
] as const) {
  test(`the floor of the ${role} is the one that is promised`, () => {
    assert.equal(floorOf(role), floor);
  });

  test(`this kernel supports a ${role}`, () => {
    requireSupport(role);
  });

  test(`no ${role} is refused for an old version, if its distribution has given it all that is needed`, () => {
    requireSupport(role, '4.18.0-553.el8_10.x86_64');
  });
}

test('no BTF, no cgroup v2: one clear line', async () => {
  const line = /^UnsupportedError: a receiver needs .*; `truepeer doctor` tells more\n$/;
  const noBtf = await attachAfter('mount -t tmpfs none /sys/kernel/btf');
  assert.match(noBtf, line);
  assert.match(noBtf, /BTF.*since 5\.4.*run a kernel that is built with CONFIG_DEBUG_INFO_BTF=y/);
  const noCgroup = await attachAfter(`umount --lazy ${cgroupRoot()}`);
  assert.match(noCgroup, line);
  assert.match(noCgroup, /cgroup v2.*\(not mounted\): mount it: `mkdir/);
});

test('the error tells the feature, its first kernel, this kernel, and what to do', () => {
  const feature = FEATURES.find(({ id }) => id === 'getpeername')!;
  const finding = toFinding(feature, { state: 'missing' }, '5.4.0-26-generic');
  assert.equal(
    new UnsupportedError('receiver', finding, '5.4.0-26-generic').message,
    'a receiver needs getpeername() hooks, in Linux since 5.8; this host (5.4.0-26-generic) does not have it: ' +
      'run Linux 5.8 or newer; `truepeer doctor` tells more',
  );
});

test('a refusal for which nothing is missing stays what it is', () => {
  const refusal = new KernelError('load x', EINVAL, 'R1 invalid mem access\n');
  assert.throws(
    () =>
      explainRefusal('receiver', () => {
        throw refusal;
      }),
    (error) => error === refusal,
  );
});
