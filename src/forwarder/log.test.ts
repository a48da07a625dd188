import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createLog } from './log.js';

type Output = NonNullable<Parameters<typeof createLog>[0]>;

for (const isTTY of [true, false]) {
  test(`what is logged is written ${isTTY ? 'for people' : 'as JSON'}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'log-'));
    const file = join(directory, 'log');
    const fd = openSync(file, 'w');
    createLog({ fd, isTTY } as Output).warn({ service: 'web' }, 'backend is down');
    const text = readFileSync(file, 'utf8');
    if (isTTY) assert.match(text, /^\d\d:\d\d:\d\d warn +backend is down {2}service=web\n$/);
    else assert.equal(JSON.parse(text).msg, 'backend is down');
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });

  test(`a log that cannot be written ends nothing, ${isTTY ? 'for people' : 'as JSON'}`, async () => {
    const fd = openSync('/dev/full', 'w');
    const log = createLog({ fd, isTTY } as Output);
    for (let line = 0; line < 3; line++) log.info({ line }, 'x'.repeat(100));
    await setImmediate();
    closeSync(fd);
  });
}
