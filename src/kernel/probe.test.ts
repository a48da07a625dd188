import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CgroupHook } from './cgroup-link.js';
import { FEATURES } from './features.js';
import { all, helpers, iterator, mapType, sockAddrHooks, sockOpsField } from './probe.js';
import { ProgramType } from './program.js';

const SOCK_OPS = { type: ProgramType.sockOps };
const XDP_ADJUST_HEAD = 44;
const NO_HELPER = 99_999;

test('a question that no kernel says yes to is answered with no', () => {
  const impossible = {
    'a helper that does not exist': helpers(SOCK_OPS, NO_HELPER),
    'a helper of another program type': helpers(SOCK_OPS, XDP_ADJUST_HEAD),
    'a field behind the end of the context': sockOpsField(8192),
    'a hook of another program type': sockAddrHooks(CgroupHook.sockOps),
    'a type of map that does not exist': mapType(9999),
    'an iterator that does not exist': iterator('truepeer_nonsense'),
  };
  for (const [what, probe] of Object.entries(impossible))
    assert.deepEqual(probe(), { state: 'missing' }, what);
});

test('of several answers the first no counts', () => {
  const yes = () => ({ state: 'present' as const, detail: 'here' });
  const no = () => ({ state: 'missing' as const, detail: 'gone' });
  assert.deepEqual(all(yes, no, yes)(), { state: 'missing', detail: 'gone' });
  assert.deepEqual(all(yes, yes)(), { state: 'present', detail: 'here' });
});

for (const { id, probe } of FEATURES)
  test(`this kernel has ${id}`, () => {
    assert.equal(probe().state, 'present');
  });
