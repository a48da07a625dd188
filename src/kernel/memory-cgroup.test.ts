import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryCgroup } from './memory-cgroup.js';
import { parseMountinfo } from './mounts.js';

const UNIFIED = parseMountinfo('30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n');
const HYBRID = parseMountinfo(
  '31 20 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n' +
    '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n' +
    '33 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
    '34 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
);

test('with cgroup v2 alone, memory is accounted there', () => {
  assert.deepEqual(memoryCgroup('0::/user.slice/session-1.scope\n', UNIFIED), {
    version: 2,
    root: '/sys/fs/cgroup',
    own: '/sys/fs/cgroup/user.slice/session-1.scope',
  });
});

test('the root is where its own path says so', () => {
  const found = memoryCgroup('0::/\n', UNIFIED);
  assert.equal(found?.own, found?.root);
});

test('with the memory controller in a hierarchy of its own, memory is accounted there', () => {
  assert.deepEqual(memoryCgroup('3:cpu,cpuacct:/a\n2:memory:/b/c\n0::/d\n', HYBRID), {
    version: 1,
    root: '/sys/fs/cgroup/memory',
    own: '/sys/fs/cgroup/memory/b/c',
  });
});

test('a hierarchy of which only a part is mounted, or a cgroup outside of what is seen, is left alone', () => {
  const part = parseMountinfo('30 20 0:26 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');
  assert.equal(memoryCgroup('0::/docker/1\n', part), undefined);
  assert.equal(memoryCgroup('0::/../2\n', UNIFIED), undefined);
});
