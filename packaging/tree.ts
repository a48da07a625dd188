import { chmod, copyFile, lutimes, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of a package, owned by root. */
export interface Entry {
  /** Where it is installed, such as `/usr/bin/truepeer`. */
  readonly path: string;
  readonly content: string | Uint8Array | { readonly file: string };
  readonly executable?: boolean;
  /** Administrators edit it: an upgrade keeps what they wrote. */
  readonly settings?: boolean;
}

/** Entries in the one order that follows from their paths alone. */
export function sorted(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every file below a folder, in that order, by paths relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Writes a tree whose bytes, modes and times do not depend on when and by whom that is done. */
export async function writeTree(root: string, entries: readonly Entry[], epoch: number): Promise<void> {
  const folders = new Set<string>([root]);
  for (const { path, content, executable } of entries) {
    const target = join(root, path);
    for (let folder = dirname(target); folder !== root; folder = dirname(folder)) folders.add(folder);
    await mkdir(dirname(target), { recursive: true });
    if (typeof content === 'object' && 'file' in content) await copyFile(content.file, target);
    else await writeFile(target, content);
    await chmod(target, executable ? 0o755 : 0o644);
    await lutimes(target, epoch, epoch);
  }
  for (const folder of folders) {
    await chmod(folder, 0o755);
    await lutimes(folder, epoch, epoch);
  }
}

/** In bytes. */
export async function sizeOf({ content }: Entry): Promise<number> {
  if (typeof content === 'string') return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.length : (await stat(content.file)).size;
}
