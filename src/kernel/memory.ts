import koffi from 'koffi';

/** Memory outside the JavaScript heap, zeroed: it keeps its address, so that a struct passed to C may point to it. */
export class NativeMemory implements Disposable {
  readonly bytes: Buffer;
  readonly pointer: unknown;

  constructor(size: number) {
    this.pointer = koffi.alloc('uint8_t', size);
    this.bytes = Buffer.from(koffi.view(this.pointer, size));
    this.bytes.fill(0);
  }

  get address(): bigint {
    return koffi.address(this.pointer);
  }

  /** The text up to the first zero byte. */
  get text(): string {
    const end = this.bytes.indexOf(0);
    return this.bytes.toString('utf8', 0, end < 0 ? this.bytes.length : end);
  }

  [Symbol.dispose](): void {
    koffi.free(this.pointer);
  }
}
