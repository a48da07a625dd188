import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mark } from './mark.js';
import { MarkQueue } from './mark-queue.js';

test('marks are written together, the last word about each backend', async () => {
  const written = await new Promise<readonly Mark[]>((resolve) => {
    const queue = new MarkQueue(resolve);
    queue.add({ backend: 1, up: false });
    queue.add({ backend: 2, up: false });
    queue.add({ backend: 1, draining: true });
    queue.add({ backend: 2, up: true });
  });
  assert.deepEqual(written, [
    { backend: 1, up: false, draining: true },
    { backend: 2, up: true },
  ]);
});

test('what waits at the end is written', () => {
  const written: Mark[] = [];
  {
    using queue = new MarkQueue((marks) => written.push(...marks));
    queue.add({ backend: 1, up: false });
    assert.deepEqual(written, []);
  }
  assert.deepEqual(written, [{ backend: 1, up: false }]);
});
