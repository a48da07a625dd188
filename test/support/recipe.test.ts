import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { recipe } from './recipe.js';

test('what the README tells of a proxy is a line of the recipes that are tested', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  for (const [language, names] of Object.entries({
    haproxy: ['haproxy'],
    nginx: ['nginx-stream', 'nginx-http'],
  })) {
    const [, told = ''] = new RegExp(`^\`\`\`${language}\n(.*)\n\`\`\`$`, 'm').exec(readme) ?? [];
    assert.notEqual(told, '', `the README has a line for ${language}`);
    for (const name of names) {
      const lines = (await recipe(name)).split('\n').map((line) => line.trim());
      assert.ok(lines.includes(told), `${name} has the line: ${told}`);
    }
  }
});
