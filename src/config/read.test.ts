import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, ConfigFileError } from './errors.js';
import { readConfig } from './read.js';

test('reads a file, and names it where it cannot', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'truepeer-config-'));
  try {
    const file = join(dir, 'truepeer.yaml');
    await assert.rejects(
      readConfig(file),
      new ConfigFileError(`cannot read the configuration ${file}: no such file or directory (ENOENT)`),
    );
    await assert.rejects(readConfig(dir), ConfigFileError);
    await assert.rejects(readConfig(''), /^ConfigFileError: cannot read the configuration "": no such file/);
    await assert.rejects(
      readConfig('a\nb'),
      /^ConfigFileError: cannot read the configuration "a\\nb": no such/,
    );
    await writeFile(file, 'receiver: { trust: any }\n');
    assert.deepEqual(await readConfig(file), { receiver: { trust: 'any' } });
    await writeFile(file, 'reciever: {}\n');
    await assert.rejects(
      readConfig(file),
      new ConfigError(file, [
        { line: 1, column: 1, message: 'unknown key "reciever": did you mean receiver?' },
      ]),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
