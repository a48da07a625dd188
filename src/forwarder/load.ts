import { randomBytes } from 'node:crypto';
import { objectPath } from '../kernel/artifacts.js';
import { mapInfo } from '../kernel/info.js';
import { index, update } from '../kernel/map.js';
import { NativeMemory } from '../kernel/memory.js';
import { LoadedObject, type LoadOptions } from '../kernel/object.js';
import { runSyscallProgram } from '../kernel/test-run.js';
import { AttachedOtherwiseError } from '../lifecycle/errors.js';
import type { Installed } from '../lifecycle/installed.js';
import { explainRefusal } from '../lifecycle/support.js';
import { Format, formatBit, KNOWN_RULES, type RuleTable } from '../wire/index.js';
import { FORWARDER_SETTINGS, SWEEP } from './layout.js';
import { LOCAL_PORTS } from './ports.js';
import type { ForwarderSettings } from './settings.js';
import { type Sizes, sizesFor, tableProblem } from './sizes.js';

/**
 * Loads the forwarder's programs with maps of their own, empty and as large as the capacity wants them.
 *
 * @throws UnsupportedError, KernelError
 */
export function loadAnew(settings: ForwarderSettings): LoadedObject {
  const sizes = sizesFor(settings.capacity);
  const object = load(settings, {
    maxEntries: { connections: sizes.slots, tuples: sizes.slots, embryos: sizes.embryos },
  });
  try {
    update(object.map('settings'), index(0), newSettings(sizes));
    touch(object);
    return object;
  } catch (error) {
    object[Symbol.dispose]();
    throw error;
  }
}

/** Accesses all pages of the great maps, as the first access can be slow. */
export function touch(object: LoadedObject): void {
  using context = new NativeMemory(SWEEP.size);
  runSyscallProgram(object.program('touch'), context);
}

/**
 * Loads the forwarder's programs on the maps of the one that is attached.
 *
 * @throws UnsupportedError, KernelError
 * @throws AttachedOtherwiseError where these are made for another capacity
 */
export function loadOn(installed: Installed, settings: ForwarderSettings): LoadedObject {
  requireCapacity(installed, settings.capacity);
  return load(settings, { reuse: installed.maps });
}

/** @throws AttachedOtherwiseError */
export function requireCapacity(installed: Installed, capacity: number): void {
  const { maxEntries: slots } = mapInfo(installed.map('connections'));
  const problem = tableProblem(slots, capacity);
  if (problem !== undefined) throw new AttachedOtherwiseError(problem);
}

function load(settings: ForwarderSettings, options: LoadOptions): LoadedObject {
  const initial = { '.rodata.known': Buffer.from(claimsOf(settings).buffer) };
  return explainRefusal('forwarder', () =>
    LoadedObject.load(objectPath('forwarder'), { ...options, initial }),
  );
}

/**
 * Every option by which a client could claim to be somebody else, and which the programs therefore overwrite: all that
 * are known to be sent by anybody, and those that these settings write.
 */
export function claimsOf({ services }: Pick<ForwarderSettings, 'services'>): RuleTable {
  const rules = Uint16Array.from(KNOWN_RULES);
  for (const { toa } of services) {
    if (toa.kind4 !== undefined) rules[toa.kind4]! |= formatBit(Format.IPV4);
    if (toa.kind6 !== undefined) rules[toa.kind6]! |= formatBit(Format.IPV6);
  }
  return rules;
}

/** struct forwarder_settings, without local addresses, with secrets of its own. */
function newSettings({ slots, embryos }: Sizes): Buffer {
  const bytes = Buffer.alloc(FORWARDER_SETTINGS.size);
  randomBytes(16).copy(bytes, FORWARDER_SETTINGS.key);
  randomBytes(40).copy(bytes, FORWARDER_SETTINGS.tableKey);
  bytes.writeUInt32LE(slots, FORWARDER_SETTINGS.slots);
  bytes.writeUInt32LE(embryos, FORWARDER_SETTINGS.embryos);
  bytes.writeUInt32LE(LOCAL_PORTS.first, FORWARDER_SETTINGS.portFirst);
  bytes.writeUInt32LE(LOCAL_PORTS.count, FORWARDER_SETTINGS.portCount);
  return bytes;
}
