import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/lab/run.js';

/** Where the module is in a guest. */
export const TOA_MODULE = '/root/toa.ko';

/** The field `name` of struct module, as the module `dummy` has it. */
const NAME = Buffer.alloc(56);
NAME.write('dummy');

/**
 * Puts a kernel module called toa into a system: Debian's `dummy`, which does nothing unless it is asked to, under that
 * name. There is none of the real ones for every kernel; what they are known by is the name.
 */
export async function addToaModule(root: string): Promise<void> {
  const modules = join(root, 'usr/lib/modules');
  const drivers = join(modules, readdirSync(modules)[0]!, 'kernel/drivers/net');
  const module = join(root, TOA_MODULE);
  await run([
    'sh',
    '-c',
    'case $1 in *.xz) xz -dc "$1";; *) cat "$1";; esac > "$2"',
    'sh',
    dummyIn(drivers),
    module,
  ]);
  const bytes = await readFile(module);
  const at = bytes.indexOf(NAME);
  if (at < 0) throw new Error(`${drivers}: the module dummy has no name of 56 bytes`);
  bytes.fill(0, at, at + NAME.length).write('toa', at);
  await writeFile(module, unsigned(bytes));
}

/** A module whose signature is wrong is refused, and one without is not: include/linux/module_signature.h. */
function unsigned(module: Buffer): Buffer {
  const mark = module.lastIndexOf('~Module signature appended~\n');
  if (mark < 0) return module;
  const structure = mark - 12;
  return module.subarray(0, structure - module.readUInt32BE(structure + 8));
}

function dummyIn(drivers: string): string {
  return join(drivers, readdirSync(drivers).find((name) => name.startsWith('dummy.ko'))!);
}
