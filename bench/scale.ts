/** How much is measured. */
export interface Scale {
  /** Pairs of runs, attached and detached, of new connections. */
  readonly pairs: number;
  /** Connections in each run. */
  readonly connections: number;
  /** Batches of connections over which the kernel's statistics are read, and connections in each. */
  readonly batches: number;
  readonly batch: number;
  /** Rounds of system calls in the three states, and calls of each sort in each. */
  readonly rounds: number;
  readonly calls: number;
  /** How often `attach` is run anew, and how often again. */
  readonly attaches: number;
  /** Connections that are held open at once, and how often. */
  readonly held: number;
  readonly holds: number;
  /** Rounds through each proxy in all ways, and connections of each; the same of large answers. */
  readonly proxyConnections: { readonly rounds: number; readonly connections: number };
  readonly proxyBulk: { readonly rounds: number; readonly answers: number };
  /** Rounds through the forwarder and what it is compared with, seconds of each load, large answers; and reloads. */
  readonly forwarder: {
    readonly rounds: number;
    readonly seconds: number;
    readonly answers: number;
    readonly reloads: number;
  };
  /** Rounds of frames given to the forwarder's program, frames in each, and of how many connections: 1, 1,000, more. */
  readonly packets: {
    readonly rounds: number;
    readonly frames: number;
    readonly connections: readonly number[];
  };
}

/** What the documented figures are made with: about a quarter of an hour on two cores. */
export const FULL: Scale = {
  pairs: 100,
  connections: 2_500,
  batches: 30,
  batch: 2_000,
  rounds: 7,
  calls: 450_000,
  attaches: 10,
  held: 15_000,
  holds: 2,
  proxyConnections: { rounds: 101, connections: 300 },
  proxyBulk: { rounds: 25, answers: 4 },
  forwarder: { rounds: 11, seconds: 1, answers: 4, reloads: 10 },
  packets: { rounds: 21, frames: 250_000, connections: [1, 1_000, 100_000, 1_000_000] },
};

/** To try the benchmark itself, in seconds; the figures say little. */
export const QUICK: Scale = {
  pairs: 3,
  connections: 500,
  batches: 3,
  batch: 200,
  rounds: 2,
  calls: 9_000,
  attaches: 2,
  held: 1_000,
  holds: 1,
  proxyConnections: { rounds: 5, connections: 500 },
  proxyBulk: { rounds: 2, answers: 2 },
  forwarder: { rounds: 2, seconds: 1, answers: 2, reloads: 2 },
  packets: { rounds: 3, frames: 20_000, connections: [1, 1_000, 20_000] },
};
