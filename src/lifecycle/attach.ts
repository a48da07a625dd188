import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBpffs, makePinDirectory } from '../kernel/bpffs.js';
import { cgroupExists, cgroupId, cgroupPath, openCgroup } from '../kernel/cgroup.js';
import { attachToCgroup, detachLink, replaceProgram } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { linkInfo, programById } from '../kernel/info.js';
import { lockPinDirectory } from '../kernel/lock.js';
import { inRootMemoryCgroup } from '../kernel/memory-cgroup.js';
import type { LoadedObject } from '../kernel/object.js';
import { openPinned, pin } from '../kernel/pin.js';
import { removeLeftovers, takeDown } from './detach.js';
import { AttachedOtherwiseError } from './errors.js';
import { type Installed, openInstalled } from './installed.js';
import { PIN_ROOT, type Plan, type PlannedProgram, stagingOf } from './plan.js';

/** What an attach found and did. */
export interface AttachResult {
  /** `attached` where there was nothing; `replaced` where programs were exchanged in place. */
  readonly outcome: 'attached' | 'replaced';
  /** Absolute path of the cgroup. */
  readonly cgroup: string;
}

/** What to attach where. */
export interface AttachOrder {
  /** The cgroup, as an operator writes it. */
  readonly cgroup: string;
  /** The programs of the plan that are wanted. */
  readonly programs: readonly PlannedProgram[];
  /** Loads the programs, on the maps of an earlier attach where there are any, and completes what they need to run. */
  load(reuse: Readonly<Record<string, Descriptor>>): LoadedObject;
}

/**
 * Attaches a role's programs, or exchanges those of the attached one in place. All or nothing: where it throws, what
 * was there before still is; where it is killed, the next attach or detach cleans up. What it attaches outlives this
 * process.
 *
 * @throws PrivilegeError, CgroupError, KernelError, and what `load` throws
 * @throws {AttachedOtherwiseError} where another layout is attached, or another cgroup.
 */
export function attach(plan: Plan, order: AttachOrder): AttachResult {
  const path = cgroupPath(order.cgroup);
  ensureBpffs();
  using _lock = lockPinDirectory(PIN_ROOT);
  removeLeftovers(plan);

  using installed = openInstalled(plan);
  if (installed !== undefined) requireSameCgroup(plan, installed, path);
  using object = inRootMemoryCgroup(() => order.load(installed?.maps ?? {}));
  using cgroup = openCgroup(order.cgroup);
  if (installed === undefined) install(plan, object, cgroup, order.programs);
  else exchange(plan, installed, object, cgroup, order.programs);
  return { outcome: installed === undefined ? 'attached' : 'replaced', cgroup: path };
}

function install(
  plan: Plan,
  object: LoadedObject,
  cgroup: Descriptor,
  programs: readonly PlannedProgram[],
): void {
  const staging = stagingOf(plan);
  makePinDirectory(staging);
  try {
    for (const name of Object.keys(plan.maps)) pin(object.map(name), join(staging, name));
    for (const program of programs) attachAndPin(object, cgroup, program, staging);
    renameSync(staging, plan.directory);
  } catch (error) {
    takeDown(plan, staging);
    throw error;
  }
}

/** Exchanges one program after the other; where one fails, puts back those before it. */
function exchange(
  plan: Plan,
  installed: Installed,
  object: LoadedObject,
  cgroup: Descriptor,
  programs: readonly PlannedProgram[],
): void {
  const undo: (() => void)[] = [];
  const before: Descriptor[] = [];
  try {
    for (const program of programs) {
      const link = installed.links.get(program.pin);
      if (link !== undefined && isAlive(link)) {
        const old = programById(linkInfo(link).programId);
        before.push(old);
        undo.push(() => replaceProgram(link, old));
        replaceProgram(link, object.program(program.name));
      } else {
        if (link !== undefined) unlinkSync(join(plan.directory, program.pin));
        undo.push(() => removeLink(plan, program.pin));
        attachAndPin(object, cgroup, program, plan.directory);
      }
    }
    for (const { pin } of plan.programs)
      if (installed.links.has(pin) && !programs.some((program) => program.pin === pin)) removeLink(plan, pin);
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
  program: PlannedProgram,
  directory: string,
): void {
  using link = attachToCgroup(object.program(program.name), cgroup, program.hook);
  pin(link, join(directory, program.pin));
}

function removeLink(plan: Plan, name: string): void {
  const path = join(plan.directory, name);
  if (!existsSync(path)) return;
  using link = openPinned(path);
  detachLink(link);
  unlinkSync(path);
}

/** Links end with their cgroup, which systemd removes when a service stops; the kernel breaks them some time later. */
function isAlive(link: Descriptor): boolean {
  const { cgroupId: id } = linkInfo(link);
  return id !== 0n && cgroupExists(id);
}

function requireSameCgroup(plan: Plan, installed: Installed, path: string): void {
  const id = cgroupId(path);
  for (const link of installed.links.values()) {
    if (isAlive(link) && linkInfo(link).cgroupId !== id)
      throw new AttachedOtherwiseError(
        `a ${plan.role} is attached to another cgroup than ${path} (see \`truepeer ${plan.role} status\`): ` +
          `run \`${plan.detachCommand}\` first`,
      );
  }
}
