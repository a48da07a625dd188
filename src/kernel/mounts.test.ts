import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupMountPoint, parseMountinfo } from './mounts.js';

test('mountinfo lines are read with any number of optional fields', () => {
  const text =
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n' +
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:7 master:2 - cgroup2 cgroup2 rw,nsdelegate\n' +
    '50 27 0:40 /a\\040b /mnt/a\\040b rw - tmpfs two\\011words rw\n';
  assert.deepEqual(parseMountinfo(text), [
    {
      root: '/',
      point: '/sys/fs/cgroup',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['rw', 'mode=755'],
      shared: false,
    },
    {
      root: '/',
      point: '/sys/fs/cgroup/unified',
      type: 'cgroup2',
      source: 'cgroup2',
      options: ['rw', 'nsdelegate'],
      shared: true,
    },
    {
      root: '/a b',
      point: '/mnt/a b',
      type: 'tmpfs',
      source: 'two\twords',
      options: ['rw'],
      shared: false,
    },
  ]);
});

test('cgroup v2 is where people look for it, also when it is mounted elsewhere before', () => {
  const mount = (point: string, type = 'cgroup2') => ({
    root: '/',
    point,
    type,
    source: type,
    options: ['rw'],
    shared: false,
  });
  const below = mount('/srv/root/sys/fs/cgroup');
  assert.equal(cgroupMountPoint([below, mount('/sys/fs/cgroup')]), '/sys/fs/cgroup');
  const hybrid = [below, mount('/sys/fs/cgroup', 'tmpfs'), mount('/sys/fs/cgroup/unified')];
  assert.equal(cgroupMountPoint(hybrid), '/sys/fs/cgroup/unified');
  assert.equal(cgroupMountPoint([below]), below.point);
  assert.equal(cgroupMountPoint([mount('/sys/fs/cgroup', 'tmpfs')]), undefined);
});
