import { rm } from 'node:fs/promises';
import { ARCHITECTURES } from '../../packaging/architecture.js';
import { packageContent } from '../../packaging/content/content.js';
import { buildDeb } from '../../packaging/deb/deb.js';
import { currentEdition } from '../../packaging/edition.js';
import { buildRpm } from '../../packaging/rpm/rpm.js';
import { fetchRuntime } from '../../packaging/runtime.js';
import { BUILT, NEWER } from './built.js';

/*
 * node dist/test/packages/build.js
 *
 * Builds the packages that are tested: every architecture and format, in this version and a newer one.
 */

const OUTPUT = { folder: BUILT, compression: 'none' } as const;

console.log('truepeer: building packages');
await rm(BUILT, { recursive: true, force: true });
for (const suffix of ['', NEWER]) {
  const edition = await currentEdition(suffix);
  for (const architecture of ARCHITECTURES) {
    const content = await packageContent(architecture, edition, await fetchRuntime(architecture));
    await buildDeb(content, architecture, edition, OUTPUT);
    await buildRpm(content, architecture, edition, OUTPUT);
  }
}
