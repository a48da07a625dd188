import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

const PACKAGES = resolve('dist/packages');

/**
 * The Debian package for this machine's architecture that `npm run package` has built.
 *
 * @throws {Error} where there is none.
 */
export function builtPackage(): string {
  const name = readdirSync(PACKAGES).find((file) => /^truepeer_.*_amd64\.deb$/.test(file));
  if (name === undefined) throw new Error(`no package in ${PACKAGES}: build it with \`npm run package\``);
  return resolve(PACKAGES, name);
}
