/** An array of structs in memory, of which {@link MappedArray} of a map is one. Offsets are bytes within a struct. */
export interface StructArray {
  readonly length: number;
  /** 32 bits, at a multiple of 4. */
  word(index: number, offset: number): number;
  /** A copy of some bytes, or of all. */
  read(index: number, offset?: number, length?: number): Buffer;
}

/** 16 bits, at a multiple of 2. */
export function halfAt(array: StructArray, index: number, offset: number): number {
  return (array.word(index, offset & ~3) >>> ((offset & 2) * 8)) & 0xffff;
}

/** A port: 16 bits in network order. */
export function portAt(array: StructArray, index: number, offset: number): number {
  const half = halfAt(array, index, offset);
  return ((half & 0xff) << 8) | (half >> 8);
}
