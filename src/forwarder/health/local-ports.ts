/** Ports for checks to come from, each for one check at a time, and the one that has rested longest first. */
export class LocalPorts {
  readonly #free: number[];

  constructor({ first, count }: { readonly first: number; readonly count: number }) {
    this.#free = Array.from({ length: count }, (_, at) => first + at);
  }

  /** A port, until it is given back; undefined, which lets the kernel choose one, where all are in use. */
  take(): number | undefined {
    return this.#free.shift();
  }

  giveBack(port: number | undefined): void {
    if (port !== undefined) this.#free.push(port);
  }
}
