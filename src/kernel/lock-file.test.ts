import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdLockFile, LockedError, lockHolder } from './lock-file.js';

test('only one can hold a lock file, and the next one once it lets go', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lock-'));
  const path = join(directory, 'test.pid');
  const first = holdLockFile(path);
  assert.throws(
    () => holdLockFile(path),
    (error) => error instanceof LockedError && error.pid === process.pid,
  );
  assert.equal(lockHolder(path), process.pid);
  first[Symbol.dispose]();
  assert.equal(lockHolder(path), undefined, 'the file is still there');
  using _second = holdLockFile(path);
  rmSync(directory, { recursive: true });
});
