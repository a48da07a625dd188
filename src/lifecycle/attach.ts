import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBpffs, makePinDirectory } from '../kernel/bpffs.js';
import { detachLink, replaceProgram } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { linkInfo, programById } from '../kernel/info.js';
import { inRootMemoryCgroup } from '../kernel/memory-cgroup.js';
import type { LoadedObject } from '../kernel/object.js';
import { openPinned, pin } from '../kernel/pin.js';
import { removeLeftovers, takeDown } from './detach.js';
import { type Installed, openInstalled } from './installed.js';
import { lockPinRoot } from './pin-root.js';
import { type Plan, type PlannedProgram, stagingOf } from './plan.js';
import { undone } from './undo.js';

/** `attached` where there was nothing; `replaced` where programs were exchanged in place. */
export type AttachOutcome = 'attached' | 'replaced';

/** What programs are attached to: a cgroup, network interfaces. */
export interface Anchor<Program extends PlannedProgram> {
  /** The link lives until it is closed, unless it is pinned. */
  attach(descriptor: Descriptor, program: Program): Descriptor;
  /** Links end with what they are attached to, and some of them stay as something that does nothing. */
  isAlive(link: Descriptor, program: Program): boolean;
}

/** What to attach where. */
export interface AttachOrder<Program extends PlannedProgram> {
  readonly anchor: Anchor<Program>;
  /** The programs of the plan that are wanted. */
  readonly programs: readonly Program[];
  /**
   * Loads the programs, on what is attached where there is something, and completes what they need to run.
   *
   * @throws AttachedOtherwiseError where that cannot be changed into what is wanted.
   */
  load(installed: Installed | undefined): LoadedObject;
}

/**
 * Attaches a role's programs, or exchanges those of the attached one in place. All or nothing: where it throws, what
 * was there before still is; where it is killed, the next attach or detach cleans up. What it attaches outlives this
 * process.
 *
 * @returns what it loaded, too.
 * @throws PrivilegeError, KernelError, and what `load` and the anchor throw
 * @throws {AttachedOtherwiseError} where another layout is attached.
 */
export function attach<Program extends PlannedProgram>(
  plan: Plan,
  order: AttachOrder<Program>,
): { readonly outcome: AttachOutcome; readonly object: LoadedObject } {
  ensureBpffs();
  using _lock = lockPinRoot();
  removeLeftovers(plan);

  using installed = openInstalled(plan);
  const object = inRootMemoryCgroup(() => order.load(installed));
  try {
    if (installed === undefined) install(plan, object, order);
    else exchange(plan, installed, object, order);
  } catch (error) {
    object[Symbol.dispose]();
    throw error;
  }
  return { outcome: installed === undefined ? 'attached' : 'replaced', object };
}

type Placement<Program extends PlannedProgram> = Pick<AttachOrder<Program>, 'anchor' | 'programs'>;

function install<Program extends PlannedProgram>(
  plan: Plan,
  object: LoadedObject,
  { anchor, programs }: Placement<Program>,
): void {
  const staging = stagingOf(plan);
  makePinDirectory(staging);
  try {
    for (const name of Object.keys(plan.maps)) pin(object.map(name), join(staging, name));
    for (const program of programs) attachAndPin(object, anchor, program, staging);
    renameSync(staging, plan.directory);
  } catch (error) {
    throw undone(error, [() => takeDown(plan, staging)]);
  }
}

/**
 * Exchanges one program after the other, attaches those that are new and detaches those that are not wanted; where one
 * fails, puts back those before it. The caller holds the lock.
 */
export function exchange<Program extends PlannedProgram>(
  plan: Plan,
  installed: Installed,
  object: LoadedObject,
  { anchor, programs }: Placement<Program>,
): void {
  const undo: (() => void)[] = [];
  const before: Descriptor[] = [];
  try {
    for (const program of programs) {
      const link = installed.links.get(program.pin);
      if (link !== undefined && anchor.isAlive(link, program)) {
        const old = programById(linkInfo(link).programId);
        before.push(old);
        undo.push(() => replaceProgram(link, old));
        replaceProgram(link, object.program(program.name));
      } else {
        // Attached first: where that fails, the old link stays. What it is attached to may come back.
        using fresh = anchor.attach(object.program(program.name), program);
        const path = join(plan.directory, program.pin);
        if (link !== undefined) unlinkSync(path);
        undo.push(() => {
          removeLink(plan, program.pin);
          if (link !== undefined) pin(link, path);
        });
        pin(fresh, path);
      }
    }
    for (const { pin } of plan.programs)
      if (installed.links.has(pin) && !programs.some((program) => program.pin === pin)) removeLink(plan, pin);
  } catch (error) {
    throw undone(error, undo);
  } finally {
    for (const program of before) program[Symbol.dispose]();
  }
}

function attachAndPin<Program extends PlannedProgram>(
  object: LoadedObject,
  anchor: Anchor<Program>,
  program: Program,
  directory: string,
): void {
  using link = anchor.attach(object.program(program.name), program);
  pin(link, join(directory, program.pin));
}

function removeLink(plan: Plan, name: string): void {
  const path = join(plan.directory, name);
  if (!existsSync(path)) return;
  using link = openPinned(path);
  detachLink(link);
  unlinkSync(path);
}
