import { join, resolve } from 'node:path';
import { ARCHITECTURES, type Architecture } from '../../packaging/architecture.js';
import { currentEdition, distributionVersion } from '../../packaging/edition.js';

/** Where the packages are that are tested; they are not compressed. */
export const BUILT = resolve('dist/test-packages');

/** Ends the version of the package to upgrade to. */
export const NEWER = '+newer';

/** This machine's. */
export const HERE: Architecture = ARCHITECTURES.find(({ node }) => node === process.arch)!;

export async function debOf(suffix: string, { deb }: Architecture = HERE): Promise<string> {
  return join(BUILT, `truepeer_${distributionVersion(await currentEdition(suffix))}_${deb}.deb`);
}

export async function rpmOf(suffix: string, { rpm }: Architecture = HERE): Promise<string> {
  return join(BUILT, `truepeer-${distributionVersion(await currentEdition(suffix))}-1.${rpm}.rpm`);
}
