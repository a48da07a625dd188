import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_PROFILES } from '../wire/index.js';
import type { ReceiverConfig } from './config.js';
import { NoTrustError } from './errors.js';
import { receiverSettings } from './receiver-settings.js';
import { parseTrust } from './values.js';

test('defaults of what nobody says', () => {
  assert.deepEqual(receiverSettings({ trust: 'any' }), {
    trust: 'any',
    profiles: DEFAULT_PROFILES,
    kinds: [],
    refuse: [],
    cgroup: '/',
    sockopt: true,
  });
});

test('kinds without profiles mean only these kinds, wherever they are said', () => {
  assert.deepEqual(receiverSettings({ trust: 'any', kinds: ['28/7'] }).profiles, []);
  assert.deepEqual(receiverSettings({ trust: 'any' }, { kinds: ['28/7'] }).profiles, []);
  assert.deepEqual(receiverSettings({ trust: 'any', kinds: ['28/7'] }, { profiles: ['dpvs'] }).profiles, [
    'dpvs',
  ]);
});

test('each key of the command line replaces the file’s, and no other', () => {
  const file: ReceiverConfig = {
    trust: 'any',
    profiles: ['lvs'],
    kinds: ['28/7'],
    refuse: ['private'],
    cgroup: 'a',
    sockopt: true,
  };
  const flags: ReceiverConfig = {
    trust: parseTrust(['10.0.0.0/8']),
    profiles: ['dpvs'],
    kinds: ['200/8'],
    refuse: ['loopback'],
    cgroup: 'b',
    sockopt: false,
  };
  assert.deepEqual(receiverSettings({}, file), file);
  for (const key of Object.keys(flags) as (keyof ReceiverConfig)[])
    assert.deepEqual(receiverSettings({ [key]: flags[key] }, file), { ...file, [key]: flags[key] });
});

test('nothing is trusted by default', () => {
  assert.throws(() => receiverSettings({}, { profiles: ['dpvs'] }), NoTrustError);
});
