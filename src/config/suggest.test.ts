import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from './suggest.js';

const NAMES = ['tencent', 'lvs', 'dpvs', 'huawei'];

test('the nearest name, if it is near', () => {
  assert.equal(didYouMean('dvps', NAMES), 'did you mean dpvs?');
  assert.equal(didYouMean('Tencnet', NAMES), 'did you mean tencent?');
  assert.equal(didYouMean('huaweii', NAMES), 'did you mean huawei?');
  assert.equal(didYouMean('lvss', NAMES), 'did you mean lvs?');
});

test('all names, if none is', () => {
  assert.equal(didYouMean('haproxy', NAMES), 'there are tencent, lvs, dpvs, huawei');
  assert.equal(didYouMean('', NAMES), 'there are tencent, lvs, dpvs, huawei');
});
