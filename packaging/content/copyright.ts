import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../runtime.js';
import { HOME } from './app.js';
import type { Module } from './modules.js';

/** Whose work is in the package, and under which licences: what Debian calls the copyright file. */
export async function copyright(modules: readonly Module[], runtime: Runtime): Promise<string> {
  const parts = await Promise.all(modules.map(ofModule));
  return [
    await readFile('NOTICE', 'utf8'),
    'The Apache License 2.0 is in copyright.apache.gz beside this file. On Debian, it is also',
    '/usr/share/common-licenses/Apache-2.0, and the GNU General Public License version 2 is',
    '/usr/share/common-licenses/GPL-2. The other choice for the latter files:',
    '',
    (await readFile('LICENSES/BSD-2-Clause.txt', 'utf8')).trim(),
    '',
    rule(`${HOME}/node: Node.js ${runtime.version}`),
    'The official program, without its debugging symbols. Its licence, and those of all that is in it, are in',
    'copyright.node.gz beside this file.',
    '',
    ...parts,
  ].join('\n');
}

async function ofModule({ name, version, folder }: Module): Promise<string> {
  const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  const text = file === undefined ? await ownWord(folder) : await readFile(join(folder, file), 'utf8');
  return `${rule(`${HOME}/app/node_modules/${name}: ${name} ${version}`)}\n${inShort(text.trim())}\n`;
}

/** The Apache License is long, and Debian wants it nowhere twice: what is a module's own of it is whose the module is. */
function inShort(licence: string): string {
  if (!/^Apache License\s+Version 2\.0/.test(licence)) return licence;
  const [owner = ''] = /^ *Copyright \d{4} .*$/m.exec(licence) ?? [];
  return `Apache License 2.0, which is in copyright.apache.gz beside this file.\n${owner.trim()}`.trim();
}

/** A package that is a part of another has no licence file of its own. */
async function ownWord(folder: string): Promise<string> {
  const { license, author, homepage } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return `${license}; by ${author?.name} (${homepage})`;
}

function rule(title: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n`;
}
