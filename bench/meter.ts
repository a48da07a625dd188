import { attachedPrograms, attachToCgroup, type CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { programById, programInfo } from '../src/kernel/info.js';
import { doNothing } from '../src/kernel/instructions.js';
import { loadInstructions, type ProgramKind } from '../src/kernel/program.js';

/** What the kernel counted of a hook's two programs: its runs, and the nanoseconds each of them took in all. */
export interface Metered {
  readonly runs: number;
  readonly measured: number;
  readonly empty: number;
}

/**
 * Reads the kernel's statistics of the program at a hook, and of one that does nothing beside it: what the statistics
 * themselves cost, for they count most of their own reading of the clock.
 *
 * The empty program runs second, so that whatever is not in the cache counts as the other's.
 */
export class Meter implements Disposable {
  readonly #program: Descriptor;
  readonly #empty: Descriptor;
  readonly #link: Descriptor;

  /** @param cgroup that one program is attached to at this hook. */
  constructor(cgroup: Descriptor, hook: CgroupHook, kind: ProgramKind) {
    const [id, ...others] = attachedPrograms(cgroup, hook);
    if (id === undefined || others.length > 0)
      throw new Error(`${others.length + 1} programs at hook ${hook}`);
    this.#program = programById(id);
    this.#empty = loadInstructions(kind, doNothing(), 'bench_empty');
    this.#link = attachToCgroup(this.#empty, cgroup, hook);
  }

  /** What was counted while something was done. */
  async during(work: () => Promise<unknown>): Promise<Metered> {
    const before = this.#read();
    await work();
    const after = this.#read();
    return {
      runs: after.runs - before.runs,
      measured: after.measured - before.measured,
      empty: after.empty - before.empty,
    };
  }

  [Symbol.dispose](): void {
    for (const held of [this.#link, this.#empty, this.#program]) held[Symbol.dispose]();
  }

  #read(): Metered {
    const program = programInfo(this.#program);
    return {
      runs: Number(program.runCount),
      measured: Number(program.runTime),
      empty: Number(programInfo(this.#empty).runTime),
    };
  }
}
