import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/lab/run.js';
import { IntegrityError } from './errors.js';

/** Where what was fetched is kept. */
const CACHE = 'node_modules/.cache/truepeer';

/** Such as npm's lock file has it. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity with SHA-512. */
  readonly integrity: string;
}

/**
 * Fetches a package through npm, from whatever registry that is set up with, and unpacks it.
 *
 * @returns the folder it is in.
 * @throws {IntegrityError}
 */
export async function fetchPackage(pinned: PinnedPackage): Promise<string> {
  const { name, version } = pinned;
  const folder = join(CACHE, `${name.replaceAll('/', '-')}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const download = await mkdtemp(join(CACHE, 'download-'));
  try {
    await run(['npm', 'pack', '--silent', '--pack-destination', download, `${name}@${version}`]);
    const archive = join(download, (await readdir(download))[0]!);
    checkIntegrity(pinned, await readFile(archive));
    await run(['tar', '-xzf', archive, '-C', download, '--no-same-owner']);
    await rename(join(download, 'package'), folder);
  } finally {
    await rm(download, { recursive: true });
  }
  return folder;
}

/** @throws {IntegrityError} */
export function checkIntegrity({ name, version, integrity }: PinnedPackage, archive: Uint8Array): void {
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (found !== integrity)
    throw new IntegrityError(`${name}@${version} has ${found}, and not ${integrity}, which is on record`);
}
