import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelTexts } from './label-texts.js';

test('labels are written as the library writes them, escaped where need be', async () => {
  assert.deepEqual(await labelTexts([]), []);
  assert.deepEqual(
    await labelTexts([
      { service: 'web', backend: '[fd00::1]:80' },
      { service: 'a"b\\c\nd', backend: '} 0' },
      { service: '7', backend: '7' },
    ]),
    [
      '{service="web",backend="[fd00::1]:80"}',
      '{service="a\\"b\\\\c\\nd",backend="} 0"}',
      '{service="7",backend="7"}',
    ],
  );
});
