import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Edition } from '../edition.js';
import { strip } from '../runtime.js';
import { type Entry, filesBelow } from '../tree.js';
import type { Module } from './modules.js';

/** What TruePeer keeps for itself. */
export const HOME = '/usr/lib/truepeer';
const APP = `${HOME}/app`;

const LAUNCHER = `#!/bin/sh
exec ${HOME}/node ${APP}/dist/src/cli/main.js "$@"
`;

/** The command, and all that runs when it is called, but for the runtime itself. */
export async function appEntries(edition: Edition, modules: readonly Module[]): Promise<Entry[]> {
  const about = { name: 'truepeer', version: edition.version, type: 'module' };
  return [
    { path: '/usr/bin/truepeer', content: LAUNCHER, executable: true },
    { path: `${APP}/package.json`, content: `${JSON.stringify(about)}\n` },
    ...(await below('dist/src', (file) => file.endsWith('.js') && !/\.test\./.test(file))),
    ...(await below('dist/bpf', (file) => file.endsWith('.bpf.o'))),
    ...(await Promise.all(modules.map(moduleEntries))).flat(),
  ];
}

async function below(folder: string, wanted: (file: string) => boolean): Promise<Entry[]> {
  const files = (await filesBelow(folder)).filter(wanted);
  return Promise.all(
    files.map(async (file) => ({
      path: `${APP}/${folder}/${file}`,
      content: await module(join(folder, file)),
    })),
  );
}

/** What the makers of a module have for themselves. */
const WORKSHOP = /^(tests?|specs|benchmarks?|examples?|fixtures|docs)\//;

/** What Node can load of a module: neither its types nor its sources, nor what only another C library can load. */
async function moduleEntries({ name, folder }: Module): Promise<Entry[]> {
  const files = (await filesBelow(folder)).filter(
    (file) => /\.(js|cjs|mjs|json|node)$/.test(file) && !file.startsWith('musl_') && !WORKSHOP.test(file),
  );
  return Promise.all(
    files.map(async (file) => ({
      path: `${APP}/node_modules/${name}/${file}`,
      content: file.endsWith('.node')
        ? { file: await stripped(folder, file) }
        : await module(join(folder, file)),
    })),
  );
}

/** Without the first line of a program: that would call a Node which is not ours. */
async function module(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  return bytes.toString('latin1', 0, 2) === '#!' ? bytes.subarray(bytes.indexOf('\n') + 1) : bytes;
}

async function stripped(folder: string, file: string): Promise<string> {
  const target = join('node_modules/.cache/truepeer/stripped', folder, file);
  await mkdir(dirname(target), { recursive: true });
  await strip(join(folder, file), target);
  return target;
}
