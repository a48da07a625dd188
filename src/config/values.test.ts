import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressError, formatCidr, KindError, PROFILES, ProfileError } from '../wire/index.js';
import { SettingError } from './errors.js';
import { parseCgroup, parseKindName, parseProfile, parseRefusable, parseTrust } from './values.js';

test('trust: networks, or any', () => {
  const trust = parseTrust(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']);
  assert.ok(trust !== 'any');
  assert.deepEqual(trust.map(formatCidr), ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1/32']);
  assert.equal(parseTrust(['any']), 'any');
  assert.throws(() => parseTrust(['any', '10.0.0.0/8']), SettingError);
  assert.throws(() => parseTrust(['any', 'any']), SettingError);
  assert.throws(() => parseTrust(['10.0.0.1/8']), AddressError);
  assert.throws(() => parseTrust(['0.0.0.0/0', 'all']), AddressError);
});

test('profiles: those there are', () => {
  for (const { name } of PROFILES) assert.equal(parseProfile(name), name);
  assert.throws(
    () => parseProfile('DPVS'),
    new ProfileError('there is no profile "DPVS": did you mean dpvs?'),
  );
  assert.throws(() => parseProfile(''), ProfileError);
});

test('kinds, refusals and cgroups', () => {
  assert.equal(parseKindName('200/8'), '200/8');
  assert.throws(() => parseKindName('200'), KindError);
  assert.equal(parseRefusable('private'), 'private');
  assert.throws(
    () => parseRefusable('multicast'),
    new SettingError('cannot refuse "multicast": write loopback or private'),
  );
  assert.equal(parseCgroup('system.slice'), 'system.slice');
  assert.throws(() => parseCgroup(''), SettingError);
});
