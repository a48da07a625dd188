/**
 * Random numbers that come again with the same seed (the sfc32 generator of PractRand, whose public description this
 * follows). Far faster than a property-testing library's, which matters for millions of cases.
 */
export class Random {
  readonly seed: number;
  #a = 0;
  #b = 0;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#c = this.seed | 0;
    // Nearby seeds begin alike; a dozen rounds part them.
    for (let round = 0; round < 12; round++) this.next();
  }

  /** A new seed each time, or the one in the environment variable TRUEPEER_SEED, to see a failure again. */
  static seed(): number {
    const { TRUEPEER_SEED: given } = process.env;
    return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  }

  /** 32 random bits, unsigned. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** A whole number from 0 to limit - 1. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
