import { attachToCgroup, type CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { inRootMemoryCgroup } from '../src/kernel/memory-cgroup.js';
import { LoadedObject, type LoadOptions } from '../src/kernel/object.js';

/** A program of an object, and the hook it is for. */
export interface Hooked {
  readonly name: string;
  readonly hook: CgroupHook;
}

/** Programs that are loaded once, and attached to a cgroup and detached again in next to no time. */
export class Attachable implements Disposable {
  readonly object: LoadedObject;
  readonly #programs: readonly Hooked[];
  readonly cgroup: Descriptor;

  /** @param path of the object, which is loaded as `attach` does: nobody is charged for its storage. */
  constructor(path: string, programs: readonly Hooked[], cgroup: Descriptor, options?: LoadOptions) {
    this.object = inRootMemoryCgroup(() => LoadedObject.load(path, options));
    this.#programs = programs;
    this.cgroup = cgroup;
  }

  /** @returns what detaches them, when it is disposed of. */
  attach(): Disposable {
    const links = this.#programs.map(({ name, hook }) =>
      attachToCgroup(this.object.program(name), this.cgroup, hook),
    );
    return {
      [Symbol.dispose]() {
        for (const link of links) link[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    this.object[Symbol.dispose]();
  }
}
