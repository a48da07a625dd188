import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isListening } from './listeners.js';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1
   1: 0100007F:0050 0200090A:A1B2 01 00000000:00000000 00:00000000 00000000     0        0 1235 1
   2: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000
`;

test('a listener is seen by its port', () => {
  assert.ok(isListening(table, 8080));
  assert.ok(isListening(table, 443));
});

test('connections, and ports that only look alike, are no listeners', () => {
  assert.ok(!isListening(table, 80));
  assert.ok(!isListening(table, 0xf90));
  assert.ok(!isListening('', 8080));
});
