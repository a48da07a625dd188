import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const unit = (name: string): Promise<string> => readFile(`packaging/systemd/${name}`, 'utf8');

test('the receiver looks for a classic one in the network of the host, and opens no socket there', async () => {
  const receiver = await unit('truepeer-receiver.service');
  assert.doesNotMatch(receiver, /^PrivateNetwork=/m);
  assert.match(receiver, /^RestrictAddressFamilies=none$/m);
});
