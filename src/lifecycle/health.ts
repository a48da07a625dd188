import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupId, cgroupPath } from '../kernel/cgroup.js';
import { wallClock } from '../kernel/clock.js';
import { linkInfo, mapById, mapInfo, programById, programInfo } from '../kernel/info.js';
import { index, lookup } from '../kernel/map.js';
import type { Installed } from './installed.js';
import type { Plan } from './plan.js';

/** One attached program. */
export interface AttachedProgram {
  readonly name: string;
  readonly programId: number;
  readonly linkId: number;
  readonly loadedAt: Date;
}

/** What there is to say of any attached role; read from the kernel, which alone keeps it. */
export interface Health {
  /** When the role was first attached. */
  readonly since: Date;
  /** When the present settings and programs took effect. */
  readonly changed: Date;
  readonly programs: readonly AttachedProgram[];
}

/** A program of a plan with what the kernel says of it. */
interface FoundProgram extends AttachedProgram {
  readonly pin: string;
  readonly cgroupId: bigint;
  readonly mapIds: readonly number[];
}

/** An attached role, looked at. */
export class Attached {
  readonly #plan: Plan;
  readonly #since: Date;
  readonly #programs: readonly FoundProgram[];

  /** @throws {KernelError} ENOENT where it was exchanged or detached meanwhile: look again. */
  constructor(plan: Plan, installed: Installed) {
    this.#plan = plan;
    this.#since = statSync(join(plan.directory, 'counters')).mtime;
    this.#programs = plan.programs.flatMap(({ name, pin }) => {
      const link = installed.links.get(pin);
      if (link === undefined) return [];
      const { id: linkId, programId, cgroupId } = linkInfo(link);
      using program = programById(programId);
      const { loadedAt, mapIds } = programInfo(program);
      return [{ name, pin, programId, linkId, loadedAt: wallClock(loadedAt), cgroupId, mapIds }];
    });
    // Links that are being detached look like those of a cgroup that was removed.
    installed.requireAttached();
  }

  /** The program that the settings belong to; absent where somebody removed its pin. */
  get #settled(): FoundProgram | undefined {
    return this.#programs.find(({ pin }) => pin === this.#plan.programs.at(-1)?.pin);
  }

  health(): Health {
    const since = this.#since;
    const loadedAt = this.#settled?.loadedAt.getTime() ?? 0;
    return {
      since,
      // Programs are loaded before they are attached.
      changed: new Date(Math.max(since.getTime(), loadedAt)),
      programs: this.#programs.map(({ name, programId, linkId, loadedAt }) => ({
        name,
        programId,
        linkId,
        loadedAt,
      })),
    };
  }

  /**
   * What is wrong, one sentence each.
   *
   * @param cgroup the one it was attached to, as the operator wrote it.
   * @param optional pins that may be absent.
   */
  problems(cgroup: string, optional: readonly string[] = []): string[] {
    const problems: string[] = [];
    for (const { pin } of this.#plan.programs)
      if (!optional.includes(pin) && !this.#programs.some((program) => program.pin === pin))
        problems.push(`${pin} is not attached although the ${this.#plan.role} is: attach again`);
    const current = currentCgroupId(cgroup);
    if (this.#programs.some((program) => program.cgroupId !== current))
      problems.push(
        `cgroup ${cgroup} was removed, as when its service stopped, and the ${this.#plan.role} went with it: attach again`,
      );
    return problems;
  }

  /** The read-only data of the program with the settings: the map of that size. */
  settings(size: number): Buffer | undefined {
    for (const id of this.#settled?.mapIds ?? []) {
      using map = mapById(id);
      const { valueSize, name } = mapInfo(map);
      if (valueSize === size && name.startsWith('.rodata')) return lookup(map, index(0), size);
    }
    return undefined;
  }

  /** Another map of the program with the settings, by the name it has in the kernel. */
  mapOfSettings(name: string): ReturnType<typeof mapById> | undefined {
    for (const id of this.#settled?.mapIds ?? []) {
      const map = mapById(id);
      if (mapInfo(map).name === name) return map;
      map[Symbol.dispose]();
    }
    return undefined;
  }
}

/** undefined where there is no such cgroup any more. */
function currentCgroupId(cgroup: string): bigint | undefined {
  try {
    return cgroupId(cgroupPath(cgroup));
  } catch {
    return undefined;
  }
}
