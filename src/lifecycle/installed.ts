import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Descriptor } from '../kernel/descriptor.js';
import { KernelError } from '../kernel/errors.js';
import { mapInfo } from '../kernel/info.js';
import { openPinned } from '../kernel/pin.js';
import { requireRoot } from '../kernel/privilege.js';
import { AttachedOtherwiseError, NotAttachedError } from './errors.js';
import type { Plan } from './plan.js';

/** Our descriptors of what is pinned. Closing them leaves it attached. */
export class Installed implements Disposable {
  readonly #directory: string;
  readonly #inode: bigint;
  readonly #maps: ReadonlyMap<string, Descriptor>;
  /** By the name of their pin. A program that was left out has none. */
  readonly links: ReadonlyMap<string, Descriptor>;

  /** @param inode of the pin directory: each attach makes another. */
  constructor(
    directory: string,
    inode: bigint,
    maps: ReadonlyMap<string, Descriptor>,
    links: ReadonlyMap<string, Descriptor>,
  ) {
    this.#directory = directory;
    this.#inode = inode;
    this.#maps = maps;
    this.links = links;
  }

  get maps(): Readonly<Record<string, Descriptor>> {
    return Object.fromEntries(this.#maps);
  }

  /** One of the maps that the plan names. */
  map(name: string): Descriptor {
    const map = this.#maps.get(name);
    if (map === undefined) throw new RangeError(`no map ${name} is pinned`);
    return map;
  }

  /** Whether nobody has begun to detach it since it was looked for. Until then, all of it is there. */
  isAttached(): boolean {
    return inodeOf(this.#directory) === this.#inode;
  }

  /** @throws {KernelError} ENOENT where it {@link isAttached} no more. */
  requireAttached(): void {
    if (!this.isAttached()) throw new KernelError(`look at ${this.#directory}`, constants.errno.ENOENT);
  }

  [Symbol.dispose](): void {
    for (const object of [...this.#maps.values(), ...this.links.values()]) object[Symbol.dispose]();
  }
}

/**
 * Opens what is pinned.
 *
 * @returns undefined where nothing is.
 * @throws {PrivilegeError}
 * @throws {AttachedOtherwiseError} where it was made by a version with another layout.
 */
export function openInstalled(plan: Plan): Installed | undefined {
  requireRoot(`looking at a ${plan.role}`);
  for (;;) {
    const inode = inodeOf(plan.directory);
    if (inode === undefined) return undefined;
    const installed = openPins(plan, inode);
    if (installed.isAttached()) return requireOurLayout(plan, installed);
    // It was detached while it was opened: what is missing, or of a later attach, tells nothing about its version.
    installed[Symbol.dispose]();
  }
}

/** undefined where there is no such directory. */
function inodeOf(directory: string): bigint | undefined {
  return statSync(directory, { bigint: true, throwIfNoEntry: false })?.ino;
}

function openPins(plan: Plan, inode: bigint): Installed {
  const maps = new Map<string, Descriptor>();
  const links = new Map<string, Descriptor>();
  const installed = new Installed(plan.directory, inode, maps, links);
  try {
    openEach(plan, Object.keys(plan.maps), maps);
    openEach(
      plan,
      plan.programs.map(({ pin }) => pin),
      links,
    );
    return installed;
  } catch (error) {
    installed[Symbol.dispose]();
    throw error;
  }
}

/** Adds a descriptor of each pin that there is. */
function openEach(plan: Plan, pins: readonly string[], opened: Map<string, Descriptor>): void {
  for (const name of pins) {
    const object = openIfPinned(join(plan.directory, name));
    if (object !== undefined) opened.set(name, object);
  }
}

/**
 * @throws {NotAttachedError}
 * @throws as {@link openInstalled}
 */
export function requireInstalled(plan: Plan): Installed {
  const installed = openInstalled(plan);
  if (installed === undefined)
    throw new NotAttachedError(`no ${plan.role} is attached: attach one with \`${plan.attachCommand}\``);
  return installed;
}

/** Closes what it refuses. */
function requireOurLayout(plan: Plan, installed: Installed): Installed {
  try {
    for (const name of Object.keys(plan.maps)) requireOurMap(plan, installed, name);
    return installed;
  } catch (error) {
    installed[Symbol.dispose]();
    throw error;
  }
}

function requireOurMap(plan: Plan, installed: Installed, name: string): void {
  const map = installed.maps[name];
  if (map === undefined) throw otherVersion(plan, `it has no map \`${name}\``);
  const { valueSize, maxEntries } = mapInfo(map);
  const size = plan.maps[name];
  if (valueSize !== size)
    throw otherVersion(
      plan,
      `its map \`${name}\` has values of ${valueSize} bytes, this version's has ${size}`,
    );
  const entries = plan.entries?.[name] ?? maxEntries;
  if (maxEntries !== entries)
    throw otherVersion(plan, `its map \`${name}\` has ${maxEntries} entries, this version's has ${entries}`);
}

function otherVersion(plan: Plan, difference: string): AttachedOtherwiseError {
  return new AttachedOtherwiseError(
    `the attached ${plan.role} comes from another version of TruePeer (${difference}): ` +
      `run \`${plan.detachCommand}\` first`,
  );
}

function openIfPinned(path: string): Descriptor | undefined {
  try {
    return openPinned(path);
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
