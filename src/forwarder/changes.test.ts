import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpoint } from '../wire/index.js';
import { describeChanges } from './changes.js';
import { BACKEND_FLAGS } from './layout.js';
import { type Current, planTarget } from './plan.js';
import type { ForwarderSettings } from './settings.js';
import { backend, someService, someSettings } from './settings.test.helper.js';

const NOTHING: Current = { services: [], backends: [], locals: [], egresses: [] };

/** What is told of a change of settings. */
function changesBetween(before: ForwarderSettings | undefined, after: ForwarderSettings): string[] {
  let current = NOTHING;
  if (before !== undefined) {
    const { services, backends, locals4, locals6 } = planTarget(before, [], NOTHING);
    current = { ...NOTHING, services, backends, locals: [...locals4, ...locals6] };
  }
  return describeChanges(current, planTarget(after, [], current));
}

const listen = parseEndpoint('[2001:db8::10]:80');

test('everything that is new is told, and nothing that is not', () => {
  assert.deepEqual(changesBetween(undefined, someSettings()), [
    'local address 10.0.0.10 added',
    'service web: opened on 198.51.100.10:443, maglev',
    'service web: backend 10.0.1.11:8443 added',
  ]);
  assert.deepEqual(changesBetween(someSettings(), someSettings()), []);
});

test('what is different', () => {
  const before = someSettings({
    services: [
      someService({ backends: [backend('10.0.0.1:80'), backend('10.0.0.2:80')] }),
      someService({ name: 'gone', listen }),
    ],
  });
  const after = someSettings({
    localAddresses: ['10.0.0.11'],
    services: [
      someService({
        name: 'www',
        scheduler: 'source',
        timestamps: 'strip',
        backends: [backend('10.0.0.2:80', 3), backend('10.0.0.3:80')],
      }),
    ],
  });
  assert.deepEqual(changesBetween(before, after), [
    'local address 10.0.0.11 added',
    'local address 10.0.0.10 removed',
    'service www: was called web',
    'service www: scheduler maglev -> source',
    'service www: settings changed',
    'service www: backend 10.0.0.3:80 added',
    'service www: backend 10.0.0.1:80 removed',
    'service www: backend 10.0.0.2:80 (1 -> 3) weighted anew',
    'service gone: closed',
  ]);
});

test('many of a kind are told by their number', () => {
  const backends = Array.from({ length: 6 }, (_, at) => backend(`10.0.0.${at}:80`));
  assert.deepEqual(
    changesBetween(undefined, someSettings({ services: [someService({ backends })] })).at(-1),
    'service web: 6 backends added',
  );
});

test('what was removed before is neither removed again nor known when it comes back', () => {
  const { services, backends } = planTarget(someSettings(), [], NOTHING);
  const current = {
    ...NOTHING,
    locals: ['10.0.0.10'],
    services: services.map((entry) => ({ ...entry, flags: 0 })),
    backends: backends.map((entry) => ({ ...entry, flags: entry.flags | BACKEND_FLAGS.removed })),
  };
  const other = someSettings({ services: [someService({ name: 'other', listen })] });
  assert.deepEqual(describeChanges(current, planTarget(other, [], current)), [
    'service other: opened on [2001:db8::10]:80, maglev',
    'service other: backend 10.0.1.11:8443 added',
  ]);
  assert.deepEqual(describeChanges(current, planTarget(someSettings(), [], current)), [
    'service web: opened on 198.51.100.10:443, maglev',
    'service web: backend 10.0.1.11:8443 added',
  ]);
});
