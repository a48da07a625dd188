import type { Figure } from './figure.js';
import type { Machine } from './machine.js';

/** Everything that one run of the benchmark has to say; `--json` prints it. */
export interface Report {
  readonly version: string;
  /** Day of the run, in UTC: `2026-11-22`. */
  readonly date: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}
