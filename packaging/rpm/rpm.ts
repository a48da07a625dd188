import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lab/run.js';
import type { Architecture } from '../architecture.js';
import { distributionVersion, type Edition } from '../edition.js';
import { COMPRESSION_MS, type Output } from '../output.js';
import { type Entry, writeTree } from '../tree.js';
import { specFile } from './spec.js';

/**
 * Builds the rpm package into a folder.
 *
 * @returns the path of the package.
 */
export async function buildRpm(
  content: readonly Entry[],
  { rpm }: Architecture,
  edition: Edition,
  { folder, compression }: Output,
): Promise<string> {
  const all = content.map(asOnRpmSystems);
  const work = await mkdtemp(join(tmpdir(), 'rpm-'));
  try {
    const tree = join(work, 'tree');
    await writeTree(tree, all, edition.epoch);
    const spec = join(work, 'truepeer.spec');
    await writeFile(spec, await specFile(tree, all, edition, compression));
    // A database of its own: there is none on Debian, and rpmbuild would make one in the home folder.
    const places = ['--define', `_topdir ${work}`, '--define', `_dbpath ${join(work, 'database')}`];
    await run(['rpmbuild', '--quiet', '-bb', '--target', rpm, ...places, spec], {
      env: { SOURCE_DATE_EPOCH: String(edition.epoch) },
      timeoutMs: COMPRESSION_MS,
    });
    const name = `truepeer-${distributionVersion(edition)}-1.${rpm}.rpm`;
    await mkdir(folder, { recursive: true });
    await copyFile(join(work, 'RPMS', rpm, name), join(folder, name));
    return join(folder, name);
  } finally {
    await rm(work, { recursive: true });
  }
}

function asOnRpmSystems(entry: Entry): Entry {
  return { ...entry, path: entry.path.replace('/zsh/vendor-completions/', '/zsh/site-functions/') };
}
