import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor } from '../kernel/descriptor.js';
import { KernelError } from '../kernel/errors.js';
import { mapInfo } from '../kernel/info.js';
import { openPinned } from '../kernel/pin.js';
import { AttachedOtherwiseError, NotAttachedError } from './errors.js';
import { CONNECTION, COUNTERS, RECORDER } from './layout.js';
import { PINNED_MAPS, PINS, type PinnedMap, PROGRAMS, type ReceiverProgram } from './pins.js';

/** Our descriptors of what is pinned. Closing them leaves the receiver as it is. */
export class Installed implements Disposable {
  readonly maps: Readonly<Record<PinnedMap, Descriptor>>;
  /** The links, by the name of their pin. The one of getsockopt is absent with --no-sockopt. */
  readonly links: ReadonlyMap<ReceiverProgram['pin'], Descriptor>;

  constructor(maps: Record<PinnedMap, Descriptor>, links: ReadonlyMap<ReceiverProgram['pin'], Descriptor>) {
    this.maps = maps;
    this.links = links;
  }

  [Symbol.dispose](): void {
    for (const object of [...Object.values(this.maps), ...this.links.values()]) object[Symbol.dispose]();
  }
}

/**
 * Opens what is pinned.
 *
 * @returns undefined where nothing is.
 * @throws {AttachedOtherwiseError} where it was made by a version with another layout.
 */
export function openInstalled(): Installed | undefined {
  if (!existsSync(PINS)) return undefined;
  const maps = Object.fromEntries(PINNED_MAPS.map((name) => [name, openPinned(join(PINS, name))]));
  const links = new Map<ReceiverProgram['pin'], Descriptor>();
  for (const { pin } of PROGRAMS) {
    const link = openIfPinned(join(PINS, pin));
    if (link !== undefined) links.set(pin, link);
  }
  const installed = new Installed(maps as Record<PinnedMap, Descriptor>, links);
  try {
    requireOurLayout(installed);
    return installed;
  } catch (error) {
    installed[Symbol.dispose]();
    throw error;
  }
}

/**
 * @throws {NotAttachedError}
 * @throws {AttachedOtherwiseError} as {@link openInstalled}
 */
export function requireInstalled(): Installed {
  const installed = openInstalled();
  if (installed === undefined) throw new NotAttachedError();
  return installed;
}

const VALUE_SIZES = {
  connections: CONNECTION.size,
  counters: COUNTERS.size,
  recorders: RECORDER.size,
  follow_until: 8,
} as const satisfies Record<PinnedMap, number>;

function requireOurLayout(installed: Installed): void {
  for (const name of PINNED_MAPS) {
    const { valueSize } = mapInfo(installed.maps[name]);
    if (valueSize !== VALUE_SIZES[name])
      throw new AttachedOtherwiseError(
        `the attached receiver comes from another version of TruePeer (its map \`${name}\` has values of ` +
          `${valueSize} bytes, this version's has ${VALUE_SIZES[name]}): run \`truepeer receiver detach\` first`,
      );
  }
}

function openIfPinned(path: string): Descriptor | undefined {
  try {
    return openPinned(path);
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
