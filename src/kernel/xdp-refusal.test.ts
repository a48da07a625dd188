import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from './xdp-refusal.js';

const EBUSY = 16;
const EINVAL = 22;
const EOPNOTSUPP = 95;
const USUAL = { mtu: 1500, lro: false };

/** What drivers say (virtio_net, veth, i40e, the core), and what each of them must lead to. */
const CASES = [
  [
    EOPNOTSUPP,
    "virtio_net: Can't set XDP while host is implementing GRO_HW/CSUM, disable GRO_HW/CSUM first",
    /ethtool -K eth0 lro off rx-gro-hw off.*rx off/,
  ],
  [EINVAL, 'LRO/GRO_HW cannot be enabled with XDP', /ethtool -K eth0 lro off rx-gro-hw off`$/],
  [34, 'veth: Peer MTU is too large to set XDP', /lower the MTU \(1500 now\)/],
  [
    EINVAL,
    'MTU is too large for linear frames and XDP prog does not support frags',
    /ip link set dev eth0 mtu 1500/,
  ],
  [EINVAL, 'XDP expects number of rx queues not less than peer tx queues', /ethtool -L eth0 combined 1/],
  [EOPNOTSUPP, 'Underlying driver does not support XDP in native mode', /generic: true/],
  [17, "Native and generic XDP can't be active at the same time", /another program has it/],
  [EBUSY, '', /ip link set dev eth0 xdp off/],
] as const;

for (const [errno, words, expected] of CASES)
  test(`what to do about: ${words || errno}`, () =>
    assert.match(remedyFor('eth0', errno, words, USUAL), expected));

test('a driver without words is judged by what the interface looks like', () => {
  assert.match(remedyFor('eth0', EINVAL, '', { mtu: 1500, lro: true }), /lro off/);
  assert.match(remedyFor('eth0', EINVAL, '', { mtu: 9000, lro: false }), /lower the MTU \(9000 now\)/);
  assert.match(remedyFor('eth0', EINVAL, '', USUAL), /dmesg/);
});
