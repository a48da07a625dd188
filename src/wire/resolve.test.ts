import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FORMATS, Format, formatBit } from './formats.js';
import { KindError } from './kinds.js';
import { DEFAULT_PROFILES, KNOWN_RULES, PROFILES } from './profiles.js';
import { ProfileError, resolveProfiles } from './resolve.js';
import { ConflictError, type RuleTable } from './rules.js';

/** `254/8 IPV4` for everything a table enables. */
function enabled(table: RuleTable): string[] {
  return [...table].flatMap((mask, kind) =>
    Object.values(FORMATS)
      .filter(({ name }) => mask & (1 << Format[name]))
      .map(({ name, length }) => `${kind}/${length} ${name}`),
  );
}

test('the profiles read what their vendors send', () => {
  const read: Record<string, string[]> = {
    tencent: ['200/8 IPV4'],
    lvs: ['253/20 IPV6', '254/8 IPV4'],
    dpvs: ['254/8 IPV4', '254/20 IPV6'],
    huawei: ['254/8 IPV4'],
    ucloud: ['200/8 IPV4', '252/8 IPV4', '253/8 IPV4', '254/8 IPV4'],
    'alibaba-slb': ['249/40 VTOA6', '250/8 VIP', '252/20 VTOA4', '253/20 IPV6', '254/8 IPV4'],
    bytedance: ['254/8 IPV4', '254/20 IPV6', '254/16 IPV4_VIP'],
    option28: ['28/7 ADDRESS4', '28/19 ADDRESS6'],
    'alibaba-cdn': [],
  };
  for (const { name } of PROFILES)
    assert.deepEqual(enabled(resolveProfiles([name]).completing), read[name], name);
});

test('only alibaba-cdn reads the SYN', () => {
  for (const { name } of PROFILES) {
    const expected = name === 'alibaba-cdn' ? ['28/7 ADDRESS4', '28/19 ADDRESS6'] : [];
    assert.deepEqual(enabled(resolveProfiles([name]).syn), expected, name);
  }
});

test('the default profiles agree', () => {
  const { completing } = resolveProfiles(DEFAULT_PROFILES);
  assert.deepEqual(enabled(completing), ['200/8 IPV4', '253/20 IPV6', '254/8 IPV4', '254/20 IPV6']);
});

test('single kinds are added to the profiles, and count as known', () => {
  const rules = resolveProfiles(['tencent'], ['251/8', '200/8']);
  assert.deepEqual(enabled(rules.completing), ['200/8 IPV4', '251/8 IPV4']);
  assert.deepEqual(rules.kinds, ['251/8', '200/8']);
  assert.equal(rules.known[251], formatBit(Format.IPV4));
  assert.equal(KNOWN_RULES[251], 0);
});

test('everything anybody sends is known, TencentOS’s VPC id and VIP too', () => {
  const { known } = resolveProfiles([]);
  assert.deepEqual(known, KNOWN_RULES);
  assert.equal(known[201], formatBit(Format.VPC));
  assert.equal(known[202], formatBit(Format.VIP));
  for (const { entries } of PROFILES) {
    for (const { kind, format } of entries) assert.ok(known[kind]! & formatBit(format));
  }
});

test('saying something twice changes nothing', () => {
  assert.deepEqual(
    resolveProfiles(['dpvs', 'dpvs'], ['251/8', '251/8']),
    resolveProfiles(['dpvs'], ['251/8']),
  );
});

test('an unknown profile is refused with the names there are', () => {
  assert.throws(
    () => resolveProfiles(['tencent', 'DPVS']),
    (error: unknown) =>
      error instanceof ProfileError && /no profile "DPVS": there are tencent, lvs, dpvs/.test(error.message),
  );
  assert.throws(() => resolveProfiles([], ['2/8']), KindError);
});

test('one option is never read from both segments', () => {
  const reason =
    /28\/7 is read from the SYN by alibaba-cdn and never from the SYN by (option28|--kind 28\/7)/;
  const bothWays: [string[], string[]][] = [
    [['option28', 'alibaba-cdn'], []],
    [['alibaba-cdn', 'dpvs', 'option28'], []],
    [['alibaba-cdn'], ['28/7']],
  ];
  for (const [names, kinds] of bothWays) {
    assert.throws(
      () => resolveProfiles(names, kinds),
      (error: unknown) => error instanceof ConflictError && reason.test(error.message),
    );
  }
});

test('kinds with other lengths do not conflict', () => {
  const { completing } = resolveProfiles(['ucloud', 'alibaba-slb', 'lvs', 'bytedance']);
  assert.deepEqual(
    enabled(completing).filter((text) => /^25[23]/.test(text)),
    ['252/8 IPV4', '252/20 VTOA4', '253/8 IPV4', '253/20 IPV6'],
  );
});

test('the order of the choices does not change the rules', () => {
  const names = PROFILES.map(({ name }) => name).filter((name) => name !== 'alibaba-cdn');
  const { completing, syn } = resolveProfiles(names);
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (shuffled) => {
      const rules = resolveProfiles(shuffled);
      assert.deepEqual(rules.completing, completing);
      assert.deepEqual(rules.syn, syn);
      assert.deepEqual(rules.profiles, shuffled);
    }),
  );
});
