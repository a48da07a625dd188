import { fileURLToPath } from 'node:url';
import { attachToCgroup, CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { inRootMemoryCgroup } from '../src/kernel/memory-cgroup.js';
import { LoadedObject } from '../src/kernel/object.js';

const OBJECT = fileURLToPath(new URL('bpf/floor.bpf.o', import.meta.url));

/** What can be put in the receiver's place: the least that keeps something with a socket, and finds it again. */
export class Floor implements Disposable {
  /** Loaded like the receiver, so that nobody is charged for its storage either. */
  readonly #object = inRootMemoryCgroup(() => LoadedObject.load(OBJECT));
  readonly #cgroup: Descriptor;

  constructor(cgroup: Descriptor) {
    this.#cgroup = cgroup;
  }

  /** @returns what ends it, when it is disposed of. */
  attach(): Disposable {
    const links = [
      this.#attach('floor_sockops', CgroupHook.sockOps),
      this.#attach('floor_getpeername4', CgroupHook.getpeername4),
      this.#attach('floor_getpeername6', CgroupHook.getpeername6),
    ];
    return {
      [Symbol.dispose]() {
        for (const link of links) link[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#object[Symbol.dispose]();
  }

  #attach(program: string, hook: CgroupHook): Descriptor {
    return attachToCgroup(this.#object.program(program), this.#cgroup, hook);
  }
}
