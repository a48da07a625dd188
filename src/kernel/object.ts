import koffi from 'koffi';
import { Descriptor } from './descriptor.js';
import { KernelError } from './errors.js';
import { libbpf, type NativePointer } from './libbpf.js';
import { NativeMemory } from './memory.js';

export interface LoadOptions {
  /** Maps that are not made anew: the object's programs use these instead. */
  readonly reuse?: Readonly<Record<string, Descriptor>>;
  /** What a section of global data holds when the programs are loaded; read-only ones are frozen then. */
  readonly initial?: Readonly<Record<string, Uint8Array>>;
  /** How many entries maps have that are made anew, where that is not what the object says. */
  readonly maxEntries?: Readonly<Record<string, number>>;
  /** Programs of the object that are left out. */
  readonly without?: readonly string[];
}

const LOG_BYTES = 1 << 20;
const OPEN_OPTIONS = { size: 80, logBuffer: 56, logSize: 64, logLevel: 72 };

/**
 * An object file's programs and maps in the kernel. They live as long as this, and longer where something of them is
 * pinned or attached.
 */
export class LoadedObject implements Disposable {
  readonly #object: NativePointer;
  readonly #path: string;
  #open = true;

  private constructor(path: string, object: NativePointer) {
    this.#path = path;
    this.#object = object;
  }

  /**
   * Loads a compiled object file.
   *
   * @throws {KernelError} with the verifier's log, where the kernel refuses a program.
   */
  static load(path: string, options: LoadOptions = {}): LoadedObject {
    const bpf = libbpf();
    using log = new NativeMemory(LOG_BYTES);
    const open = Buffer.alloc(OPEN_OPTIONS.size);
    open.writeBigUInt64LE(BigInt(OPEN_OPTIONS.size), 0);
    open.writeBigUInt64LE(log.address, OPEN_OPTIONS.logBuffer);
    open.writeBigUInt64LE(BigInt(LOG_BYTES), OPEN_OPTIONS.logSize);
    const object = bpf.objectOpenFile(path, open);
    if (object === null) throw new KernelError(`open ${path}`, koffi.errno());
    const loaded = new LoadedObject(path, object);
    try {
      for (const [name, entries] of Object.entries(options.maxEntries ?? {}))
        loaded.#must(`size map ${name}`, bpf.mapSetMaxEntries(loaded.#map(name), entries));
      for (const [name, map] of Object.entries(options.reuse ?? {}))
        loaded.#must(`reuse map ${name}`, bpf.mapReuseFd(loaded.#map(name), map.fd));
      for (const [name, bytes] of Object.entries(options.initial ?? {}))
        loaded.#must(`fill ${name}`, bpf.mapSetInitialValue(loaded.#map(name), bytes, bytes.length));
      for (const name of options.without ?? [])
        loaded.#must(`leave out ${name}`, bpf.programSetAutoload(loaded.#program(name), false));
      loaded.#must(`load ${path}`, bpf.objectLoad(object), log.text);
      return loaded;
    } catch (error) {
      loaded[Symbol.dispose]();
      throw error;
    }
  }

  /** A loaded program. The descriptor belongs to the object: it is not to be closed on its own. */
  program(name: string): Descriptor {
    return new Descriptor(libbpf().programFd(this.#program(name)));
  }

  /** A map. The descriptor belongs to the object: it is not to be closed on its own. */
  map(name: string): Descriptor {
    return new Descriptor(libbpf().mapFd(this.#map(name)));
  }

  /**
   * Reads one iterator program's whole output.
   *
   * @param map the map whose elements it visits, where it visits those of a map.
   * @throws {KernelError}
   */
  iterate(programName: string, map?: Descriptor): Descriptor {
    using linkInfo = new NativeMemory(16);
    linkInfo.bytes.writeUInt32LE(map?.fd ?? 0, 0);
    const options = Buffer.alloc(24);
    options.writeBigUInt64LE(24n, 0);
    options.writeBigUInt64LE(linkInfo.address, 8);
    options.writeUInt32LE(16, 16);
    const link = libbpf().programAttachIter(this.#program(programName), options);
    if (link === null) throw new KernelError(`attach iterator ${programName}`, koffi.errno());
    try {
      return new Descriptor(
        this.#must(`create iterator ${programName}`, libbpf().iterCreate(libbpf().linkFd(link))),
      );
    } finally {
      libbpf().linkDestroy(link);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    libbpf().objectClose(this.#object);
  }

  #program(name: string): NativePointer {
    const program = libbpf().objectFindProgram(this.#object, name);
    if (program === null) throw new Error(`${this.#path} has no program ${name}`);
    return program;
  }

  #map(name: string): NativePointer {
    const map = libbpf().objectFindMap(this.#object, name);
    if (map === null) throw new Error(`${this.#path} has no map ${name}`);
    return map;
  }

  #must(step: string, result: number, log?: string): number {
    if (result < 0) throw new KernelError(step, -result, log === '' ? undefined : log);
    return result;
  }
}
