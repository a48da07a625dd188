import { randomBytes } from 'node:crypto';
import { objectPath } from '../kernel/artifacts.js';
import { mapInfo } from '../kernel/info.js';
import { index, update } from '../kernel/map.js';
import { LoadedObject } from '../kernel/object.js';
import { AttachedOtherwiseError } from '../lifecycle/errors.js';
import type { Installed } from '../lifecycle/installed.js';
import { explainRefusal } from '../lifecycle/support.js';
import { FORWARDER_SETTINGS } from './layout.js';
import { LOCAL_PORTS } from './ports.js';
import { capacityOf, type Sizes, sizesFor } from './sizes.js';

/**
 * Loads the forwarder's programs with maps of their own, empty and as large as the capacity wants them.
 *
 * @throws UnsupportedError, KernelError
 */
export function loadAnew(capacity: number): LoadedObject {
  const sizes = sizesFor(capacity);
  const object = load({
    maxEntries: { connections: sizes.slots, tuples: sizes.tuples, embryos: sizes.embryos },
  });
  try {
    update(object.map('settings'), index(0), newSettings(sizes));
    return object;
  } catch (error) {
    object[Symbol.dispose]();
    throw error;
  }
}

/**
 * Loads the forwarder's programs on the maps of the one that is attached.
 *
 * @throws UnsupportedError, KernelError
 * @throws AttachedOtherwiseError where these are made for another capacity
 */
export function loadOn(installed: Installed, capacity: number): LoadedObject {
  requireCapacity(installed, capacity);
  return load({ reuse: installed.maps });
}

/** @throws AttachedOtherwiseError */
export function requireCapacity(installed: Installed, capacity: number): void {
  const { maxEntries: slots } = mapInfo(installed.map('connections'));
  if (slots !== sizesFor(capacity).slots)
    throw new AttachedOtherwiseError(
      `the attached forwarder has room for ${capacityOf(slots)} connections, and \`capacity: ${capacity}\` would take ` +
        `another table: leave it at ${capacityOf(slots)}, or run \`truepeer forwarder detach\` first, which ends them all`,
    );
}

function load(options: Parameters<typeof LoadedObject.load>[1]): LoadedObject {
  return explainRefusal('forwarder', () => LoadedObject.load(objectPath('forwarder'), options));
}

/** struct forwarder_settings, without local addresses, with a secret of its own. */
function newSettings({ slots, embryos }: Sizes): Buffer {
  const bytes = Buffer.alloc(FORWARDER_SETTINGS.size);
  randomBytes(16).copy(bytes, FORWARDER_SETTINGS.key);
  bytes.writeUInt32LE(slots, FORWARDER_SETTINGS.slots);
  bytes.writeUInt32LE(embryos, FORWARDER_SETTINGS.embryos);
  bytes.writeUInt32LE(LOCAL_PORTS.first, FORWARDER_SETTINGS.portFirst);
  bytes.writeUInt32LE(LOCAL_PORTS.count, FORWARDER_SETTINGS.portCount);
  return bytes;
}
