import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lab/run.js';
import type { Architecture } from '../architecture.js';
import { compressed, DOCUMENTS } from '../content/documents.js';
import { distributionVersion, type Edition } from '../edition.js';
import { COMPRESSION_MS, type Output } from '../output.js';
import { maintainerScript } from '../scripts.js';
import { type Entry, sorted, writeTree } from '../tree.js';
import { changelog, controlFile } from './control.js';

/**
 * Builds the Debian package into a folder.
 *
 * @returns the path of the package.
 */
export async function buildDeb(
  content: readonly Entry[],
  architecture: Architecture,
  edition: Edition,
  { folder, compression }: Output,
): Promise<string> {
  const all = sorted([...content, ...(await debianDocuments(edition))]);
  const tree = await mkdtemp(join(tmpdir(), 'deb-'));
  try {
    await writeTree(tree, [...all, ...(await controlEntries(all, architecture, edition))], edition.epoch);
    const target = join(folder, `truepeer_${distributionVersion(edition)}_${architecture.deb}.deb`);
    await mkdir(folder, { recursive: true });
    await run(
      // One thread: how many there are could show in the bytes.
      ['dpkg-deb', '--root-owner-group', '--threads-max=1', `-Z${compression}`, '--build', tree, target],
      { env: { SOURCE_DATE_EPOCH: String(edition.epoch) }, timeoutMs: COMPRESSION_MS },
    );
    return target;
  } finally {
    await rm(tree, { recursive: true });
  }
}

async function debianDocuments(edition: Edition): Promise<Entry[]> {
  return [
    { path: `${DOCUMENTS}/changelog.gz`, content: compressed(changelog(edition)) },
    {
      path: '/usr/share/lintian/overrides/truepeer',
      content: await readFile('packaging/deb/lintian-overrides', 'utf8'),
    },
  ];
}

async function controlEntries(
  content: readonly Entry[],
  architecture: Architecture,
  edition: Edition,
): Promise<Entry[]> {
  const settings = content.filter((entry) => entry.settings).map(({ path }) => `${path}\n`);
  const scripts = ['postinst', 'prerm', 'postrm'].map(async (name) => ({
    path: `/DEBIAN/${name}`,
    content: await maintainerScript(`packaging/deb/${name}`),
    executable: true,
  }));
  return [
    { path: '/DEBIAN/control', content: await controlFile(content, architecture, edition) },
    { path: '/DEBIAN/conffiles', content: settings.join('') },
    { path: '/DEBIAN/md5sums', content: (await Promise.all(content.map(checksum))).join('') },
    ...(await Promise.all(scripts)),
  ];
}

async function checksum({ path, content }: Entry): Promise<string> {
  const bytes = typeof content === 'object' && 'file' in content ? await readFile(content.file) : content;
  return `${createHash('md5').update(bytes).digest('hex')}  ${path.slice(1)}\n`;
}
