import { readFileSync } from 'node:fs';
import { run } from '../src/lab/run.js';
import { PackagingError } from './errors.js';

/** What tells one build from another: all that is in a package follows from it and from the sources. */
export interface Edition {
  /** As npm has it, with the packager's suffix: 1.0.0-rc.1+own1. */
  readonly version: string;
  /** The time of every file, in seconds since 1970. */
  readonly epoch: number;
  /** The same as YYYY-MM-DD. */
  readonly date: string;
}

/**
 * The edition that the checked-out sources are.
 *
 * @param suffix ends the version, such as `+own1` (newer than the version itself) or `~test` (older).
 * @throws {PackagingError}
 */
export async function currentEdition(suffix = ''): Promise<Edition> {
  if (!/^([+~][a-zA-Z0-9.+~]+)?$/.test(suffix))
    throw new PackagingError(`suffix "${suffix}": write one like +own1 (letters, digits, . + and ~)`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const epoch = await sourceDate();
  return { version: version + suffix, epoch, date: new Date(epoch * 1000).toISOString().slice(0, 10) };
}

/** As Debian and rpm order versions, a release candidate comes before its release only behind a tilde. */
export function distributionVersion({ version }: Edition): string {
  return version.replaceAll('-', '~');
}

/** See https://reproducible-builds.org/specs/source-date-epoch/; the time of the commit, unless given. */
async function sourceDate(): Promise<number> {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) {
    if (!/^\d+$/.test(given))
      throw new PackagingError(`SOURCE_DATE_EPOCH=${given}: write seconds since 1970`);
    return Number(given);
  }
  const { stdout, status } = await run(['git', 'log', '-1', '--format=%ct'], { check: false });
  if (status !== 0)
    throw new PackagingError('no git checkout tells the date of the sources: set SOURCE_DATE_EPOCH');
  return Number(stdout);
}
