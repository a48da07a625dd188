import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ARCHITECTURES } from '../../packaging/architecture.js';
import { filesBelow } from '../../packaging/tree.js';
import { run } from '../../src/lab/run.js';
import { debOf, HERE, rpmOf } from './built.js';

/** What readelf calls the processors. */
const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' } as const;

const OTHER = ARCHITECTURES.find((architecture) => architecture !== HERE)!;

/** Without what tells architectures and formats apart. */
function comparable(file: string): string {
  return file.replaceAll(/(?<=[_-])(x64|arm64)(?=\/)/g, '*').replace('site-functions', 'vendor-completions');
}

/** What is in one of the two only. */
function difference(some: readonly string[], others: readonly string[]): string[] {
  const one = some.map(comparable);
  const other = others.map(comparable);
  return [...one.filter((file) => !other.includes(file)), ...other.filter((file) => !one.includes(file))];
}

/** What only Debian packages have. */
const DEBIAN = /^(usr\/share\/lintian\/|usr\/share\/doc\/truepeer\/changelog\.gz$)/;

describe('the packages', () => {
  let here: string;
  let other: string;
  before(async () => {
    here = await unpack(await debOf('', HERE));
    other = await unpack(await debOf('', OTHER));
  });

  async function unpack(deb: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'deb-'));
    await run(['dpkg-deb', '-x', deb, folder]);
    return folder;
  }

  test('have the same files for every processor, in every format', async () => {
    const files = await filesBelow(here);
    assert.deepEqual(difference(await filesBelow(other), files), []);
    const common = files.filter((file) => !DEBIAN.test(file));
    for (const architecture of ARCHITECTURES) {
      const database = await mkdtemp(join(tmpdir(), 'rpm-'));
      const package_ = await rpmOf('', architecture);
      const { stdout } = await run([
        'rpm',
        '--dbpath',
        database,
        '-qp',
        '--queryformat',
        '[%{FILEMODES:perms} %{FILENAMES}\n]',
        package_,
      ]);
      const listed = stdout.split('\n').flatMap((line) => /^-\S+ \/(.*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual(difference(listed, common), [], architecture.rpm);
    }
  });

  test('have native code for their processor', async () => {
    for (const [folder, { node }] of [
      [here, HERE],
      [other, OTHER],
    ] as const) {
      const native = (await filesBelow(folder)).filter((file) => /\.node$|truepeer\/node$/.test(file));
      assert.equal(native.length, 2);
      for (const file of native) {
        const { stdout } = await run(['llvm-readelf', '--file-header', join(folder, file)]);
        assert.match(stdout, new RegExp(`Machine: +${MACHINES[node]}\n`), file);
      }
    }
  });

  test('have nothing to be said against by lintian, but for what is overridden, with reasons', async () => {
    const debs = await Promise.all(ARCHITECTURES.map((architecture) => debOf('', architecture)));
    // Compression is for those that are published.
    const tags = 'uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball';
    const options = [
      '--allow-root',
      '--no-cfg',
      '--display-info',
      '--fail-on',
      'info,warning,error',
      '--suppress-tags',
      tags,
    ];
    await run(['lintian', ...options, ...debs], { timeoutMs: 600_000 });
  });

  test('… nor by rpmlint', async () => {
    const rpms = await Promise.all(ARCHITECTURES.map((architecture) => rpmOf('', architecture)));
    const { stdout } = await run(['rpmlint', '--config', 'packaging/rpm/rpmlint.toml', ...rpms], {
      timeoutMs: 600_000,
    });
    assert.match(stdout, / 0 errors, 0 warnings, 0 badness/);
  });
});
