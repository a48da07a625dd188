/** Numbers from 0 up to a limit, taken out in the order of a key that each has; equal keys in the order of the numbers. */
export class Heap {
  readonly #keys: Float64Array;
  readonly #numbers: Uint32Array;
  #size = 0;

  constructor(limit: number) {
    this.#keys = new Float64Array(limit);
    this.#numbers = new Uint32Array(limit);
  }

  get size(): number {
    return this.#size;
  }

  /** Puts a number in, which must not be in there. */
  push(number: number, key: number): void {
    this.#keys[number] = key;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(number, this.#numbers[parent]!)) break;
      this.#numbers[at] = this.#numbers[parent]!;
      at = parent;
    }
    this.#numbers[at] = number;
  }

  /** Takes out the number with the smallest key; there must be one. */
  pop(): number {
    const first = this.#numbers[0]!;
    const last = this.#numbers[--this.#size]!;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#isBefore(this.#numbers[child + 1]!, this.#numbers[child]!)) child++;
      if (!this.#isBefore(this.#numbers[child]!, last)) break;
      this.#numbers[at] = this.#numbers[child]!;
      at = child;
    }
    this.#numbers[at] = last;
    return first;
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#keys[one]! - this.#keys[other]!;
    return difference < 0 || (difference === 0 && one < other);
  }
}
