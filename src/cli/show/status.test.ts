import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachedStatus } from '../../receiver/status.js';
import { PLAIN } from '../style.js';
import { showStatus, statusCode } from './status.js';

const SINCE = new Date(2026, 10, 22, 18, 43, 2);
const STATUS: AttachedStatus = {
  attached: true,
  version: '0.1.0',
  problems: [],
  cgroup: '/',
  since: SINCE,
  changed: new Date(SINCE.getTime() + 60_000),
  trust: ['10.0.0.0/8'],
  profiles: ['tencent', 'alibaba-cdn'],
  kinds: ['254/8'],
  reads: { completing: ['200/8', '254/8'], syn: ['28/7', '28/19'] },
  refuse: ['private'],
  sockopt: true,
  programs: [{ name: 'receiver_sockops', programId: 123, linkId: 45, loadedAt: SINCE }],
  established: 200n,
  tagged: 150n,
};

test('all there is to know about an attached receiver', () => {
  const now = new Date(SINCE.getTime() + 3_600_000);
  assert.deepEqual(showStatus(STATUS, PLAIN, now), [
    'receiver     attached, version 0.1.0',
    'cgroup       / (the whole host)',
    'attached     2026-11-22 18:43:02 (1 h 00 min ago)',
    'changed      2026-11-22 18:44:02 (59 min 00 s ago)',
    'trust        10.0.0.0/8',
    'profiles     tencent, alibaba-cdn',
    'kinds        200/8 and 254/8, and 28/7 and 28/19 on the SYN (254/8 chosen singly)',
    'refuses      addresses no client can have, private',
    'getsockopt   answered',
    'connections  200 established, 150 of them (75.0 %) with a client',
    '',
    'PROGRAM            ID  LINK  LOADED',
    'receiver_sockops  123    45  2026-11-22 18:43:02',
  ]);
  assert.equal(statusCode(STATUS), 0);
});

test('problems come first, and change the exit status', () => {
  const status = { ...STATUS, problems: ['the cgroup is gone', 'a program is gone'] };
  assert.deepEqual(showStatus(status, PLAIN).slice(0, 3), [
    'receiver     attached, with 2 problems, version 0.1.0',
    'problem      the cgroup is gone',
    'problem      a program is gone',
  ]);
  assert.equal(statusCode(status), 2);
});

test('of thousands of networks only the first', () => {
  const trust = Array.from({ length: 5_000 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);
  const line = showStatus({ ...STATUS, trust }, PLAIN).find((text) => text.startsWith('trust'));
  assert.equal(line, `trust        ${trust.slice(0, 8).join(', ')} and 4,992 more`);
});

test('nothing attached', () => {
  assert.deepEqual(showStatus({ attached: false }, PLAIN), [
    'not attached',
    'attach a receiver with: truepeer receiver attach --trust CIDR',
  ]);
  assert.equal(statusCode({ attached: false }), 1);
});
