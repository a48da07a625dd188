import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';
import { parseConfig } from '../src/config/parse.js';
import { blocksOf, operationsGuide } from './support/guide.js';

const RUNNERS = ['guest', 'checkout', 'rpm'];

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The capabilities that a text names after some word, without their prefix. */
function capabilitiesAfter(word: RegExp, text: string): string[] {
  const list = new RegExp(`${word.source}([A-Z_, ]+)`, 'm').exec(text)?.[1] ?? '';
  return list
    .split(/[, ]+/)
    .filter(Boolean)
    .map((name) => name.replace(/^CAP_/, ''))
    .sort();
}

test('blocks are found with their marks', () => {
  const page = 'a\n\n<!-- tested: guest upgrade -->\n```sh\nls\n\nps\n```\n\n```ini\nx\n```\n';
  assert.deepEqual(blocksOf(page), [
    { tested: ['guest', 'upgrade'], language: 'sh', text: 'ls\n\nps\n', line: 4 },
    { tested: [], language: 'ini', text: 'x\n', line: 10 },
  ]);
});

test('every block of the operations guide is run by a test', async () => {
  const blocks = blocksOf(await operationsGuide());
  assert.ok(blocks.length > 15, `${blocks.length} blocks`);
  const loose = blocks.filter(
    ({ tested, language }) => !RUNNERS.includes(tested[0] ?? '') || language !== 'sh',
  );
  assert.deepEqual(loose, []);
});

test('the DaemonSet has the privileges of the unit, those that the guide gives a container', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: a document has what shape it has
  const [settings, set] = loadAll(await read('packaging/kubernetes/truepeer-receiver.yaml')) as any[];
  const { initContainers, containers } = set.spec.template.spec;
  const unit = capabilitiesAfter(
    /^CapabilityBoundingSet=/,
    await read('packaging/systemd/truepeer-receiver.service'),
  );
  for (const { securityContext } of [...initContainers, ...containers])
    assert.deepEqual([...securityContext.capabilities.add].sort(), unit);
  assert.deepEqual(capabilitiesAfter(/--cap-add /, await operationsGuide()), unit);

  assert.deepEqual(initContainers[0].command.slice(0, 3), ['truepeer', 'receiver', 'attach']);
  assert.ok(parseConfig(settings.data['truepeer.yaml'], 'truepeer.yaml').receiver?.trust);
});
