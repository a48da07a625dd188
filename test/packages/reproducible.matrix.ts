import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { run } from '../../src/lab/run.js';
import { BUILT } from './built.js';

/** What the build reads; a copy of it is built elsewhere, later, by another compiler run. */
const SOURCES = [
  ...['bpf', 'docs', 'include', 'packaging', 'scripts', 'src', 'test', 'bench', 'examples', 'LICENSES'],
  ...['LICENSE', 'NOTICE', 'CHANGELOG.md', 'package.json', 'package-lock.json', 'tsconfig.json'],
];

async function digests(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder)).sort();
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex');
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await digest(file)])));
}

test('from another folder, at another time, with another umask come the same bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'elsewhere-'));
  for (const source of SOURCES) await cp(source, join(folder, source), { recursive: true });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const { stdout } = await run(['git', 'log', '-1', '--format=%ct']);
  await mkdir(join(folder, 'home'));
  const build = 'umask 077; sh scripts/build.sh && node dist/test/packages/build.js';
  await run(['sh', '-euc', build], {
    cwd: folder,
    env: { SOURCE_DATE_EPOCH: stdout.trim(), HOME: join(folder, 'home'), TZ: 'Asia/Kathmandu', LC_ALL: 'C' },
    timeoutMs: 900_000,
  });
  assert.deepEqual(await digests(join(folder, 'dist/test-packages')), await digests(BUILT));
});
