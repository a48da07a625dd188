import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr, parseCidr } from '../wire/index.js';
import { SETTINGS } from './layout.js';
import { decodeTrust, encodeTrust } from './trust.js';

test('few networks come back from the settings as they went in', () => {
  const networks = [
    '10.0.0.0/8',
    '192.0.2.1/32',
    '172.16.0.0/13',
    '2001:db8::/33',
    'fd00::1/128',
    '0.0.0.0/0',
  ];
  const settings = Buffer.alloc(SETTINGS.size);
  encodeTrust(settings, networks.map(parseCidr));
  const decoded = decodeTrust(settings, []);
  assert.ok(decoded !== 'any');
  assert.deepEqual(decoded.map(formatCidr), networks);
});

test('any comes back from the settings as any', () => {
  const settings = Buffer.alloc(SETTINGS.size);
  encodeTrust(settings, 'any');
  assert.equal(decodeTrust(settings, []), 'any');
});

test('more than a few networks are left to the map', () => {
  const settings = Buffer.alloc(SETTINGS.size);
  const networks = Array.from({ length: 17 }, (_, at) => parseCidr(`10.${at}.0.0/16`));
  encodeTrust(settings, networks);
  assert.deepEqual(settings, Buffer.alloc(SETTINGS.size));
  encodeTrust(settings, networks.slice(1));
  assert.equal(settings[SETTINGS.trustedFew], 16);
});
