import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, NoTrustError } from '../config/errors.js';
import { parseProfile } from '../config/values.js';
import { MetricsAddressError } from '../forwarder/metrics.js';
import { CgroupError } from '../kernel/cgroup.js';
import { KernelError } from '../kernel/errors.js';
import { PrivilegeError } from '../kernel/privilege.js';
import { AttachedOtherwiseError, NotAttachedError } from '../lifecycle/errors.js';
import { ClassicReceiverError } from '../receiver/classic.js';
import { parseCidr, parseKind, resolveProfiles } from '../wire/index.js';
import { describeFailure } from './failure.js';
import { inFlag, UsageError } from './usage-error.js';

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('nothing was thrown');
}

test('what cannot be meant is a usage error, and says its message', () => {
  const errors = [
    new NoTrustError(),
    thrownBy(() => parseCidr('10.0.0.1/8')),
    thrownBy(() => parseKind('200')),
    thrownBy(() => parseProfile('dvps')),
    thrownBy(() => resolveProfiles(['option28', 'alibaba-cdn'])),
    thrownBy(() => inFlag('--trust', () => parseCidr('x'))),
  ];
  for (const error of errors) assert.deepEqual(describeFailure(error), { lines: [error.message], status: 2 });
});

test('what can be set right says its message', () => {
  const errors = [
    new CgroupError('no cgroup'),
    new PrivilegeError('attaching'),
    new NotAttachedError('not attached'),
    new AttachedOtherwiseError('attached otherwise'),
    new ClassicReceiverError({ what: 'the kernel module toa', remedy: 'unload it' }),
    new MetricsAddressError('taken'),
  ];
  for (const error of errors) assert.deepEqual(describeFailure(error), { lines: [error.message], status: 1 });
});

test('a configuration has a line for each mistake', () => {
  const error = new ConfigError('c.yaml', [
    { line: 1, column: 2, message: 'this' },
    { line: 3, column: 4, message: 'that' },
  ]);
  assert.deepEqual(describeFailure(error), { lines: ['c.yaml:1:2: this', 'c.yaml:3:4: that'], status: 1 });
});

test('the kernel’s refusals point at doctor', () => {
  const { lines, status } = describeFailure(
    new KernelError('load programs', 22, 'bad register\nprocessed 5 insns'),
  );
  assert.deepEqual(lines, [
    'load programs: EINVAL (bad register): `truepeer doctor` tells what this kernel lacks',
  ]);
  assert.equal(status, 1);
});

test('what nobody expected says so, in one line', () => {
  const { lines, status } = describeFailure(new TypeError('x is not\n  a function'));
  assert.deepEqual(lines, [
    'unexpected error, of which TRUEPEER_DEBUG=1 shows more: TypeError: x is not a function',
  ]);
  assert.equal(status, 1);
  assert.match(describeFailure('a string').lines[0]!, /unexpected error.*a string$/);
});

test('an option’s mistake names the option and keeps its cause', () => {
  const error = thrownBy(() => inFlag('--trust', () => parseCidr('10.0.0.1/8')));
  assert.ok(error instanceof UsageError);
  assert.equal(error.message, '--trust: "10.0.0.1/8" has host bits set: write 10.0.0.0/8');
  assert.equal((error.cause as Error).name, 'AddressError');
});
