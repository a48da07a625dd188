import { existsSync, readdirSync } from 'node:fs';
import { openCgroup } from '../../src/kernel/cgroup.js';
import { attachedPrograms } from '../../src/kernel/cgroup-link.js';
import { KernelError } from '../../src/kernel/errors.js';
import { mapById, mapInfo, programById, programInfo } from '../../src/kernel/info.js';
import { index, lookup } from '../../src/kernel/map.js';
import { programIds } from '../../src/kernel/program-ids.js';
import { waitUntil } from '../../src/lab/wait.js';
import { PIN_ROOT } from '../../src/lifecycle/plan.js';
import { SETTINGS } from '../../src/receiver/layout.js';
import { RECEIVER } from '../../src/receiver/plan.js';
import { decodeNote } from '../../src/receiver/program-data.js';

/** Every trace of receivers that were ever attached to this cgroup: pins, attached programs, loaded programs. */
export function remainsOf(cgroup: string): string[] {
  using directory = openCgroup(cgroup);
  return [
    ...(existsSync(PIN_ROOT) ? [PIN_ROOT, ...readdirSync(PIN_ROOT, { recursive: true })].map(String) : []),
    ...RECEIVER.programs.flatMap(({ hook, name }) =>
      attachedPrograms(directory, hook).map((id) => `${name} ${id}`),
    ),
    ...[...programIds()].filter((id) => cgroupOf(id) === cgroup).map((id) => `program ${id}`),
  ];
}

/** Waits until there is none. The kernel frees what nobody holds any more a moment later. */
export async function waitUntilNothingRemains(cgroup: string): Promise<void> {
  let remains: string[] = [];
  try {
    await waitUntil(`the end of every trace on ${cgroup}`, () => {
      remains = remainsOf(cgroup);
      return remains.length === 0;
    });
  } catch (cause) {
    throw new Error(`there still is ${remains.join(', ')}`, { cause });
  }
}

/**
 * The cgroup that a receiver's program was loaded for: programs carry their settings, so those of other laboratories,
 * and of the host, are not taken for ours.
 */
function cgroupOf(id: number): string | undefined {
  try {
    using program = programById(id);
    for (const mapId of programInfo(program).mapIds) {
      using map = mapById(mapId);
      const { name, valueSize } = mapInfo(map);
      if (name.startsWith('.rodata') && valueSize === SETTINGS.size)
        return decodeNote(lookup(map, index(0), valueSize)!).cgroup;
    }
    return undefined;
  } catch (error) {
    // Programs come and go while they are listed, and some are of another layout, whose notes stand elsewhere.
    if (error instanceof KernelError && error.code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
