import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { run } from '../src/lab/run.js';
import { ARCHITECTURES } from './architecture.js';
import { packageContent } from './content/content.js';
import { buildDeb } from './deb/deb.js';
import { currentEdition } from './edition.js';
import { buildRpm } from './rpm/rpm.js';
import { fetchRuntime } from './runtime.js';

/*
 * node dist/packaging/main.js [--suffix +own1]
 *
 * Builds every package into dist/packages/.
 */

const FOLDER = 'dist/packages';
const OUTPUT = { folder: FOLDER, compression: 'xz' } as const;

const { values } = parseArgs({ options: { suffix: { type: 'string' } } });
const edition = await currentEdition(values.suffix);
await rm(FOLDER, { recursive: true, force: true });
for (const architecture of ARCHITECTURES) {
  const content = await packageContent(architecture, edition, await fetchRuntime(architecture));
  console.log(await buildDeb(content, architecture, edition, OUTPUT));
  console.log(await buildRpm(content, architecture, edition, OUTPUT));
}
// What npm packs has no times of its own, and the version of package.json.
const pack = ['npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', FOLDER];
console.log(`${FOLDER}/${(await run(pack)).stdout.trim()}`);
