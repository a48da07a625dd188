import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Lab } from '../src/lab/lab.js';

/** A command line that stays on the core where everything is measured. */
export function pinned(file: string, args: readonly string[]): [file: string, args: string[]] {
  return ['taskset', ['-c', String(cpus().length - 1), file, ...args]];
}

/** Microseconds that processors have spent on the processes of a laboratory, and the kernel on their behalf. */
export async function processorTime(lab: Lab): Promise<number> {
  const stat = await readFile(`${lab.cgroup}/cpu.stat`, 'utf8');
  return Number(stat.match(/^usage_usec (\d+)$/m)![1]);
}
