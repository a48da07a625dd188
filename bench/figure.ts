import { type Summary, summarize } from './statistics.js';

/** What a figure is about, in the order of the report. */
export const GROUPS = [
  'connections',
  'programs',
  'calls',
  'attach',
  'memory',
  'proxies',
  'packets',
  'forwarder',
] as const;
export type Group = (typeof GROUPS)[number];

export type Unit = 'ratio' | 'ns' | 'ms' | 'bytes' | 'KiB' | 'processes';

/** One thing that was measured, many times. */
export interface Figure extends Summary {
  readonly group: Group;
  readonly name: string;
  readonly unit: Unit;
  /** What its median may come to: a ratio at least, everything else at most. */
  readonly goal?: number;
  /** Nanoseconds with what the kernel's sampling itself takes. */
  readonly raw?: number;
  /** What the figure was made from, in words. */
  readonly detail: string;
  readonly samples: readonly number[];
}

export function figure(of: Omit<Figure, keyof Summary>): Figure {
  return { ...of, ...summarize(of.samples) };
}

export type Verdict = 'ok' | 'missed';

/** Undefined where there is no goal. */
export function verdictOf({ unit, median, goal }: Figure): Verdict | undefined {
  if (goal === undefined) return undefined;
  return (unit === 'ratio' ? median >= goal : median <= goal) ? 'ok' : 'missed';
}

/** What a figure takes of what it may take: 1 is the goal. Of a ratio that is what it lacks to 1. */
export function shareOfGoal({ unit, goal }: Figure, value: number): number | undefined {
  if (goal === undefined || goal === 0) return undefined;
  return unit === 'ratio' ? (1 - value) / (1 - goal) : value / goal;
}

const DIGITS = { ratio: 3, ns: 0, ms: 0, bytes: 0, KiB: 0, processes: 0 } as const;

/** `0.987`, `312 ns` */
export function formatValue(unit: Unit, value: number): string {
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: DIGITS[unit],
    maximumFractionDigits: DIGITS[unit],
  });
  return unit === 'ratio' || unit === 'processes' ? number : `${number} ${unit}`;
}

/** `0.982 - 0.991`, the middle half of the samples. */
export function formatSpread({ unit, low, high }: Figure): string {
  const [from, to] = [low, high].map((value) => formatValue(unit, value));
  return `${from!.split(' ')[0]} – ${to}`;
}

/** `at most 400 ns` */
export function formatGoal({ unit, goal }: Figure): string {
  if (goal === undefined) return '';
  return `${unit === 'ratio' ? '≥' : '≤'} ${formatValue(unit, goal)}`;
}
