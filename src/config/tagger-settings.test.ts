import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingError } from './errors.js';
import { parseSegment, taggerSettings } from './tagger-settings.js';

const cgroup = 'system.slice/haproxy.service';

test('without a word about it, kind 254 is written for both families on every early segment', () => {
  assert.deepEqual(taggerSettings({ cgroup }), {
    ipv4: '254/8',
    ipv6: '254/20',
    on: ['syn', 'ack', 'data'],
    takeLocal: false,
  });
});

test('a kind stands for both families, and a profile for what its vendor sends', () => {
  assert.deepEqual(taggerSettings({ cgroup, kind: '28/7', on: ['syn'] }), {
    ipv4: '28/7',
    ipv6: '28/19',
    on: ['syn'],
    takeLocal: false,
  });
  const { ipv4, ipv6 } = taggerSettings({ cgroup, profile: 'lvs' });
  assert.deepEqual({ ipv4, ipv6 }, { ipv4: '254/8', ipv6: '253/20' });
});

test('no kind at all leaves every client untagged', () => {
  assert.deepEqual(taggerSettings({ cgroup, kind: 'none' }), {
    on: ['syn', 'ack', 'data'],
    takeLocal: false,
  });
});

test('a profile without IPv6 leaves IPv6 clients untagged', () => {
  const { ipv4, ipv6 } = taggerSettings({ cgroup, profile: 'tencent' });
  assert.deepEqual({ ipv4, ipv6 }, { ipv4: '200/8', ipv6: undefined });
});

test('a kind beside a profile, an unknown profile and an unwritable kind are refused', () => {
  assert.throws(() => taggerSettings({ cgroup, kind: '254/8', profile: 'lvs' }), SettingError);
  assert.throws(() => taggerSettings({ cgroup, profile: 'lsv' }), { name: 'ProfileError' });
  assert.throws(() => taggerSettings({ cgroup, kind: '252/20' }), { name: 'TaggerKindError' });
});

test('a segment that is none of the three is refused with what would be right', () => {
  assert.equal(parseSegment('ack'), 'ack');
  assert.throws(() => parseSegment('sny'), /did you mean syn\?/);
});
