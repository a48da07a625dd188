import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackOfPrivilege } from './capabilities.js';

const HOST = '         0          0 4294967295\n';
const withCapabilities = (hex: string): string =>
  `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${hex}\nThreads:\t1\n`;

test('root on the host lacks nothing', () => {
  assert.equal(lackOfPrivilege(withCapabilities('000001ffffffffff'), HOST), undefined);
});

test('what is missing is named', () => {
  assert.equal(
    lackOfPrivilege(withCapabilities('0000000000000000'), HOST),
    'without CAP_NET_ADMIN and CAP_SYS_ADMIN',
  );
  // What Docker gives to root in a container.
  assert.equal(
    lackOfPrivilege(withCapabilities('00000000a80425fb'), HOST),
    'without CAP_NET_ADMIN and CAP_SYS_ADMIN',
  );
  assert.equal(lackOfPrivilege(withCapabilities('0000000000001000'), HOST), 'without CAP_SYS_ADMIN');
});

test('all capabilities are worth nothing in a user namespace', () => {
  assert.equal(
    lackOfPrivilege(withCapabilities('000001ffffffffff'), '         0       1000          1\n'),
    'in a user namespace',
  );
});
