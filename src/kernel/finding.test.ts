import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Feature } from './feature.js';
import { FEATURES } from './features.js';
import { toFinding } from './finding.js';

const feature: Feature = {
  id: 'x',
  name: 'x',
  since: '5.8',
  roles: ['receiver'],
  required: true,
  without: 'nothing',
  config: 'CONFIG_X',
  probe: () => ({ state: 'present' }),
};

test('the remedy is a newer kernel, or else the same with the option built in', () => {
  assert.equal(toFinding(feature, { state: 'missing' }, '5.4.0').remedy, 'run Linux 5.8 or newer');
  assert.equal(
    toFinding(feature, { state: 'missing' }, '6.1.0').remedy,
    'run a kernel that is built with CONFIG_X=y',
  );
});

test('a feature’s own remedy goes before building another kernel, not before a newer one', () => {
  const own = { ...feature, remedy: 'turn it on' };
  assert.equal(toFinding(own, { state: 'missing' }, '6.1.0').remedy, 'turn it on');
  assert.equal(toFinding(own, { state: 'missing' }, '5.4.0').remedy, 'run Linux 5.8 or newer');
});

test('what is present needs no remedy, and what is unknown needs bpf() first', () => {
  assert.equal(toFinding(feature, { state: 'present', detail: 'here' }, '5.4.0').remedy, null);
  assert.equal(toFinding(feature, { state: 'present', detail: 'here' }, '5.4.0').detail, 'here');
  assert.equal(toFinding(feature, { state: 'unknown' }, '6.1.0').remedy, 'make bpf() usable first');
});

test('every feature has its own id', () => {
  const ids = FEATURES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});
