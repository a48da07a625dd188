import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { objectPath } from '../kernel/artifacts.js';
import { ensureBpffs, makePinDirectory } from '../kernel/bpffs.js';
import { cgroupId, cgroupPath, openCgroup } from '../kernel/cgroup.js';
import { attachToCgroup, detachLink, replaceProgram } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { linkInfo, programById } from '../kernel/info.js';
import { lockPinDirectory } from '../kernel/lock.js';
import { LoadedObject } from '../kernel/object.js';
import { openPinned, pin } from '../kernel/pin.js';
import { requireRoot } from '../kernel/privilege.js';
import { removeLeftovers, takeDown } from './detach.js';
import { AttachedOtherwiseError } from './errors.js';
import { type Installed, openInstalled } from './installed.js';
import { PIN_ROOT, PINNED_MAPS, PINS, PROGRAMS, type ReceiverProgram, STAGING } from './pins.js';
import { encodeSettings, fillTrust } from './program-data.js';
import type { ReceiverSettings } from './settings.js';

/** What {@link attachReceiver} found and did. */
export interface AttachResult {
  /** `attached` where there was no receiver; `replaced` where the programs of one were exchanged in place. */
  readonly outcome: 'attached' | 'replaced';
  /** Absolute path of the cgroup. */
  readonly cgroup: string;
}

/**
 * Attaches the receiver, or changes the settings and programs of the attached one in place. All or nothing: where it
 * throws, what was there before still is. What it attaches outlives this process: until {@link detachReceiver}, or the
 * end of the kernel.
 *
 * @throws PrivilegeError, CgroupError, KernelError; AttachedOtherwiseError where a receiver of another layout or for
 *   another cgroup is attached; ProfileError, KindError, ConflictError for settings that cannot be.
 */
export function attachReceiver(settings: ReceiverSettings): AttachResult {
  const data = encodeSettings(settings);
  requireRoot('attaching a receiver');
  const path = cgroupPath(settings.cgroup);
  ensureBpffs();
  using _lock = lockPinDirectory(PIN_ROOT);
  removeLeftovers();

  using installed = openInstalled();
  if (installed !== undefined) requireSameCgroup(installed, path);
  using object = LoadedObject.load(objectPath('receiver'), {
    reuse: installed?.maps ?? {},
    initial: { '.rodata.settings': data },
    without: settings.sockopt ? [] : ['receiver_getsockopt'],
  });
  fillTrust(object.map('trust'), settings.trust);

  using cgroup = openCgroup(settings.cgroup);
  const wanted = PROGRAMS.filter(({ pin }) => settings.sockopt || pin !== 'getsockopt');
  if (installed === undefined) install(object, cgroup, wanted);
  else exchange(installed, object, cgroup, wanted);
  return { outcome: installed === undefined ? 'attached' : 'replaced', cgroup: path };
}

function install(object: LoadedObject, cgroup: Descriptor, wanted: readonly ReceiverProgram[]): void {
  makePinDirectory(STAGING);
  try {
    for (const name of PINNED_MAPS) pin(object.map(name), join(STAGING, name));
    for (const program of wanted) attachAndPin(object, cgroup, program, STAGING);
    renameSync(STAGING, PINS);
  } catch (error) {
    takeDown(STAGING);
    throw error;
  }
}

/** Exchanges one program after the other; where one fails, puts back those before it. */
function exchange(
  installed: Installed,
  object: LoadedObject,
  cgroup: Descriptor,
  wanted: readonly ReceiverProgram[],
): void {
  const undo: (() => void)[] = [];
  const before: Descriptor[] = [];
  try {
    for (const program of wanted) {
      const link = installed.links.get(program.pin);
      if (link !== undefined && isAlive(link)) {
        const old = programById(linkInfo(link).programId);
        before.push(old);
        undo.push(() => replaceProgram(link, old));
        replaceProgram(link, object.program(program.name));
      } else {
        if (link !== undefined) unlinkSync(join(PINS, program.pin));
        undo.push(() => removeLink(program.pin));
        attachAndPin(object, cgroup, program, PINS);
      }
    }
    for (const { pin } of PROGRAMS)
      if (installed.links.has(pin) && !wanted.some((program) => program.pin === pin)) removeLink(pin);
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  } finally {
    for (const program of before) program[Symbol.dispose]();
  }
}

function attachAndPin(
  object: LoadedObject,
  cgroup: Descriptor,
  program: ReceiverProgram,
  directory: string,
): void {
  using link = attachToCgroup(object.program(program.name), cgroup, program.hook);
  pin(link, join(directory, program.pin));
}

function removeLink(name: ReceiverProgram['pin']): void {
  const path = join(PINS, name);
  if (!existsSync(path)) return;
  using link = openPinned(path);
  detachLink(link);
  unlinkSync(path);
}

/** The kernel breaks a link when its cgroup is removed, as systemd does when a service stops. */
function isAlive(link: Descriptor): boolean {
  return linkInfo(link).cgroupId !== 0n;
}

function requireSameCgroup(installed: Installed, path: string): void {
  const id = cgroupId(path);
  for (const link of installed.links.values()) {
    const attached = linkInfo(link).cgroupId;
    if (attached !== 0n && attached !== id)
      throw new AttachedOtherwiseError(
        `a receiver is attached to another cgroup than ${path} (see \`truepeer receiver status\`): ` +
          'run `truepeer receiver detach` first',
      );
  }
}
