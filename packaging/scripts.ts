import { readFile } from 'node:fs/promises';
import { unitNames } from './content/system.js';

/** A maintainer script or scriptlet, with the names of our units and what scripts share put in. */
export async function maintainerScript(file: string): Promise<string> {
  const units = await unitNames();
  const daemons: readonly string[] = units.filter((unit) => unit === 'truepeer-forwarder.service');
  const every = units.map((unit) => (unit.includes('@') ? `'${unit.replace('@', '@*')}'` : unit));
  const words: Readonly<Record<string, string>> = {
    DETACH: (await readFile('packaging/detach.sh', 'utf8')).trimEnd(),
    /** Units, templates left out. */
    UNITS: units.filter((unit) => !unit.includes('@')).join(' '),
    /** Every unit, templates as patterns of their instances. */
    ALL: every.join(' '),
    /** Those whose reload replaces what is attached. */
    IN_PLACE: every.filter((unit) => !daemons.includes(unit)).join(' '),
    DAEMONS: daemons.join(' '),
  };
  return (await readFile(file, 'utf8')).replaceAll(/@([A-Z_]+)@/g, (_, word) => words[word]!);
}
