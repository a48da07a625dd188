import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { CommandEntry } from '../commands.js';
import type { Edition } from '../edition.js';
import { commandPages } from '../man/command-pages.js';
import { settingsPage } from '../man/settings-page.js';
import type { Runtime } from '../runtime.js';
import type { Entry } from '../tree.js';
import { copyright } from './copyright.js';
import type { Module } from './modules.js';

export const DOCUMENTS = '/usr/share/doc/truepeer';

/** Manual pages, the pages of docs/, licences. */
export async function documentEntries(
  program: CommandEntry,
  edition: Edition,
  modules: readonly Module[],
  runtime: Runtime,
): Promise<Entry[]> {
  const settings = settingsPage(await readFile('docs/configuration.md', 'utf8'), edition);
  const pages = [...commandPages(program, edition), ['truepeer.yaml.5', settings] as const];
  const docs = (await readdir('docs')).filter((file) => file.endsWith('.md')).sort();
  return [
    ...pages.map(([name, text]) => ({
      path: `/usr/share/man/man${name.at(-1)}/${name}.gz`,
      content: compressed(text),
    })),
    ...docs.map((file) => ({ path: `${DOCUMENTS}/${file}`, content: { file: `docs/${file}` } })),
    { path: `${DOCUMENTS}/copyright`, content: await copyright(modules, runtime) },
    { path: `${DOCUMENTS}/copyright.apache.gz`, content: compressed(await readFile('LICENSE')) },
    { path: `${DOCUMENTS}/copyright.node.gz`, content: compressed(await readFile(runtime.licence)) },
  ];
}

/** zlib, unlike gzip, writes neither a time nor a name. */
export function compressed(content: string | Uint8Array): Uint8Array {
  return gzipSync(content, { level: 9 });
}
