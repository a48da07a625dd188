import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseConfig } from '../src/config/parse.js';

const text = await readFile('packaging/truepeer.yaml', 'utf8');

test('the settings that are installed enable nothing', () => {
  assert.deepEqual(parseConfig(text, 'truepeer.yaml'), {});
});

test('without their comment signs they are settings', () => {
  const uncommented = text.replaceAll(/^#(?=\S| {2})/gm, '');
  const { receiver, tagger, forwarder } = parseConfig(uncommented, 'truepeer.yaml');
  assert.ok(receiver?.trust !== undefined);
  assert.equal(tagger?.length, 1);
  assert.equal(forwarder?.services.length, 1);
});
