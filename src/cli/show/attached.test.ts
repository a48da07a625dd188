import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiverSettings } from '../../config/receiver-settings.js';
import { parseTrust } from '../../config/values.js';
import { showAttached } from './attached.js';

test('what was attached where, and whom it believes', () => {
  const settings = receiverSettings({ trust: parseTrust(['10.0.0.0/8', '2001:db8::/32']) });
  assert.equal(
    showAttached({ outcome: 'attached', cgroup: '/sys/fs/cgroup' }, settings)[0],
    'attached to the whole host: believing TOA of 200/8, 253/20, 254/8 and 254/20 from 10.0.0.0/8 and 2001:db8::/32',
  );
});

test('a replacement, and what trusting anybody means', () => {
  const settings = receiverSettings({ trust: 'any', profiles: ['alibaba-cdn'], cgroup: 'a' });
  assert.equal(
    showAttached({ outcome: 'replaced', cgroup: '/sys/fs/cgroup/a' }, settings)[0],
    'replaced in place on /sys/fs/cgroup/a: believing TOA of 28/7 and 28/19 on the SYN from any sender, ' +
      'so that whoever can connect can claim any address',
  );
});
