import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabSpecError } from './errors.js';
import { checkSpec, type LabSpec } from './spec.js';

const hosts = { a: {}, b: {} };

const refused: [string, LabSpec, RegExp][] = [
  ['a host name with a slash', { hosts: { 'a/b': {} } }, /host name "a\/b"/],
  ['a sysctl of the machine', { hosts: { a: { sysctls: { 'kernel.panic': '1' } } } }, /"kernel\.panic" of a/],
  ['a sysctl that leaves net', { hosts: { a: { sysctls: { 'net./../kernel': '1' } } } }, /only net\.\*/],
  ['an unknown host', { hosts, links: [{ between: ['a', 'c'] }] }, /link a - c: there is no host "c"/],
  [
    'no prefix length',
    { hosts, links: [{ between: ['a', 'b'], ipv4: ['10.0.0.1', '10.0.0.2/8'] }] },
    /"10\.0\.0\.1"/,
  ],
  [
    'a long prefix',
    { hosts, links: [{ between: ['a', 'b'], ipv4: ['10.0.0.1/33', '10.0.0.2/8'] }] },
    /\/33"/,
  ],
  [
    'the wrong family',
    { hosts, links: [{ between: ['a', 'b'], ipv6: ['10.0.0.1/8', 'fd00::1/64'] }] },
    /IPv6/,
  ],
];

for (const [what, spec, message] of refused) {
  test(`${what} is refused and quoted`, () => {
    assert.throws(
      () => checkSpec(spec),
      (error) => error instanceof LabSpecError && message.test(error.message),
    );
  });
}

test('a sound description passes', () => {
  checkSpec({
    hosts: { a: { sysctls: { 'net.ipv4.conf.eth0.rp_filter': '0' } }, b: {} },
    links: [{ between: ['a', 'b'], ipv4: ['10.0.0.1/8', '10.0.0.2/8'], ipv6: ['fd00::1/64', 'fd00::2/64'] }],
  });
});
