import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTER_FAMILIES } from '../forwarder/counter-families.js';
import { COUNTER_MEANINGS } from '../forwarder/counters.js';
import { COUNTERS } from '../forwarder/layout.js';
import { perCounter } from '../forwarder/stats.js';
import { countersRegistry } from './counters.js';

test('every counter has a series of its own, for each service and for what belongs to none', async () => {
  const numbered = (first: number) => perCounter((name) => BigInt(first + COUNTERS.indexOf(name)));
  const stats = { services: [{ service: 'web', counters: numbered(1_000) }], none: numbered(2_000) };
  const lines = (await countersRegistry(stats).metrics()).split('\n');
  for (const { name, number, series } of COUNTER_MEANINGS) {
    const [family, label] = series;
    const labels = Object.entries(label ?? {}).map(([key, value]) => `${key}="${value}"`);
    const line = (service: string[], value: number) => {
      const all = [...service, ...labels].join(',');
      return `truepeer_forwarder_${family}_total${all === '' ? '' : `{${all}}`} ${value}`;
    };
    assert.ok(lines.includes(line(['service="web"'], 1_000 + number)), name);
    assert.ok(lines.includes(line([], 2_000 + number)), name);
  }
  assert.equal(lines.filter((line) => /^[a-z]/.test(line)).length, 2 * COUNTERS.length);
});

test('every family has members, which all have the same label', () => {
  for (const family of Object.keys(COUNTER_FAMILIES)) {
    const members = COUNTER_MEANINGS.filter(({ series }) => series[0] === family);
    assert.ok(members.length > 0, family);
    const names = new Set(members.map(({ series }) => Object.keys(series[1] ?? {}).join()));
    assert.equal(names.size, 1, family);
    if (members.length > 1) assert.notEqual([...names][0], '', family);
  }
});
