import koffi from 'koffi';
import type { Descriptor } from './descriptor.js';
import { KernelError } from './errors.js';
import { mapInfo } from './info.js';

/** From include/uapi/asm-generic/mman-common.h. */
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const PAGE = 4096;

/** In an array, each value begins at a multiple of this. */
const ALIGNMENT = 8;

// null: the symbols of the running program, so also those of whichever C library it uses.
const libc = koffi.load(null);
const mmap = libc.func(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
);
const munmap = libc.func('int munmap(void *address, size_t length)');

/** `(void *)-1` */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/**
 * An array map (BPF_F_MMAPABLE) as memory: fields are read and written where the programs do, with no system call and,
 * because each is one load or store, without the risk of half a number. Every access is checked, so that neither a bad
 * index nor one after the end can touch other memory.
 */
export class MappedArray implements Disposable {
  /** How many values there are. */
  readonly length: number;
  /** Bytes from one value to the next. */
  readonly stride: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #longs: BigUint64Array;
  readonly #pointer: unknown;
  #open = true;

  /** @throws {KernelError} EINVAL for a map that cannot be mapped. */
  constructor(map: Descriptor) {
    const { maxEntries, valueSize, name } = mapInfo(map);
    this.length = maxEntries;
    this.stride = Math.ceil(valueSize / ALIGNMENT) * ALIGNMENT;
    const size = this.stride * maxEntries;
    const pointer: unknown = mmap(null, pages(size), PROT_READ_WRITE, MAP_SHARED, map.fd, 0);
    if (pointer === null || koffi.address(pointer) === MAP_FAILED)
      throw new KernelError(`map ${name} into memory`, koffi.errno());
    this.#pointer = pointer;
    const memory = koffi.view(pointer, size);
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
    this.#longs = new BigUint64Array(memory);
  }

  /** A number of 32 bits, at a byte offset within a value. */
  word(index: number, offset: number): number {
    return this.#words[this.#at(index, offset, 4) / 4]!;
  }

  setWord(index: number, offset: number, number: number): void {
    Atomics.store(this.#words, this.#at(index, offset, 4) / 4, number);
  }

  /** A number of 32 bits at the beginning of each of so many values, one after the other. */
  setWords(first: number, numbers: Uint32Array): void {
    if (numbers.length === 0) return;
    const from = this.#at(first, 0, 4) / 4;
    this.#at(first + numbers.length - 1, 0, 4);
    const step = this.stride / 4;
    for (let at = 0; at < numbers.length; at++) Atomics.store(this.#words, from + at * step, numbers[at]!);
  }

  /** A number of 64 bits. */
  long(index: number, offset: number): bigint {
    return this.#longs[this.#at(index, offset, 8) / 8]!;
  }

  /** A copy of some bytes of a value; of the whole value unless told otherwise. */
  read(index: number, offset = 0, length = this.stride): Buffer {
    const at = this.#at(index, offset, 1, length);
    return Buffer.from(this.#bytes.slice(at, at + length).buffer);
  }

  /** A copy of all values. */
  readAll(): Buffer {
    this.#at(0, 0, 1);
    return Buffer.from(this.#bytes.slice().buffer);
  }

  /** Writes bytes of a value, one after the other: programs may see half of them. */
  write(index: number, offset: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at(index, offset, 1, bytes.length));
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    munmap(this.#pointer, pages(this.stride * this.length));
  }

  #at(index: number, offset: number, unit: number, length = unit): number {
    if (!this.#open) throw new RangeError('the map is not in memory any more');
    if (!(index >= 0 && index < this.length && Number.isInteger(index)))
      throw new RangeError(`index ${index}: there are ${this.length} values`);
    if (!(offset >= 0 && offset + length <= this.stride && offset % unit === 0))
      throw new RangeError(`${length} bytes at ${offset} are not within a value of ${this.stride}`);
    return index * this.stride + offset;
  }
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE;
}
