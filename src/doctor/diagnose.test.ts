import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../lab/run.js';
import { diagnose } from './diagnose.js';
import type { Diagnosis } from './diagnosis.js';

const MODULE = new URL('./diagnose.js', import.meta.url).href;

/** The diagnosis by a process that is started the way `prefix` says. */
async function diagnoseVia(...prefix: string[]): Promise<Diagnosis> {
  const script = `console.log(JSON.stringify((await import('${MODULE}')).diagnose()))`;
  const { stdout, stderr } = await run([...prefix, process.execPath, '--input-type=module', '-e', script]);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Diagnosis;
}

function stateOf(diagnosis: Diagnosis, feature: string): string {
  return diagnosis.findings.find(({ id }) => id === feature)!.state;
}

test('everything is there on this machine', () => {
  const diagnosis = diagnose();
  assert.deepEqual(
    diagnosis.findings.filter(({ state }) => state !== 'present'),
    [],
  );
  assert.equal(diagnosis.ok, true);
  assert.match(diagnosis.libbpf ?? '', /^1\.\d+$/);
  assert.deepEqual(diagnosis.mounts.bpffs, { point: '/sys/fs/bpf', mounted: true });
  assert.deepEqual(JSON.parse(JSON.stringify(diagnosis)), diagnosis);
});

const UNPRIVILEGED: [string, string[], RegExp][] = [
  [
    'another user',
    ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
    /without CAP_NET_ADMIN and/,
  ],
  ['root in a user namespace', ['unshare', '--user', '--map-root-user'], /in a user namespace/],
  ['root without CAP_SYS_ADMIN', ['setpriv', '--bounding-set=-sys_admin'], /^without CAP_SYS_ADMIN$/],
];

for (const [who, prefix, reason] of UNPRIVILEGED)
  test(`${who} gets a report that says what is in the way`, async (t) => {
    // The kernel makes no user namespace for a process in a chroot.
    const { status } = await run([...prefix, 'true'], { check: false });
    if (status !== 0) return t.skip(`${prefix.join(' ')} is not to be had here`);
    const diagnosis = await diagnoseVia(...prefix);
    assert.equal(diagnosis.ok, false);
    assert.equal(stateOf(diagnosis, 'bpf'), 'missing');
    assert.match(diagnosis.findings[0]!.detail!, reason);
    assert.equal(stateOf(diagnosis, 'getpeername'), 'unknown');
    assert.equal(stateOf(diagnosis, 'btf'), 'present');
  });

test('what is not mounted is missing, and nothing is asked of it', async () => {
  const { point } = diagnose().mounts.cgroup!;
  const diagnosis = await diagnoseVia('unshare', '--mount', 'sh', '-c', `umount -l ${point}; exec "$0" "$@"`);
  assert.equal(diagnosis.ok, false);
  assert.equal(diagnosis.mounts.cgroup, null);
  assert.equal(stateOf(diagnosis, 'cgroup-v2'), 'missing');
  assert.equal(stateOf(diagnosis, 'getpeername'), 'present');
});

test('without libbpf it says so, and what else it can', async () => {
  const hide = `mount --bind /dev/null "$(realpath "$(ldconfig -p | sed -n 's/.*libbpf.so.1 .*=> //p' | head -n 1)")"`;
  const diagnosis = await diagnoseVia('unshare', '--mount', 'sh', '-c', `${hide} && exec "$0" "$@"`);
  assert.equal(diagnosis.libbpf, null);
  assert.equal(diagnosis.ok, false);
  assert.match(diagnosis.findings[0]!.detail!, /install libbpf/);
  assert.equal(stateOf(diagnosis, 'getpeername'), 'unknown');
  assert.equal(stateOf(diagnosis, 'cgroup-v2'), 'present');
});

test('a container is told that its cgroup root is not the host’s', async () => {
  const { notes } = await diagnoseVia('unshare', '--cgroup');
  assert.ok(notes.some(({ id }) => id === 'container-cgroups'));
});
