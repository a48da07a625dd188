import { setImmediate } from 'node:timers/promises';
import type { Descriptor } from '../kernel/descriptor.js';
import { NativeMemory } from '../kernel/memory.js';
import { runSyscallProgram } from '../kernel/test-run.js';
import { pause } from '../lifecycle/pause.js';
import { STATE, SWEEP, SWEEP_EXPIRED_MAX } from './layout.js';

/** Slots at a time: about a millisecond, during which nothing else of this process happens. */
const SLICE = 32_768;

const STATES = Object.values(STATE);

const EVERY_MS = 1_000;

/** Visiting a table of millions takes long: then it is done less often, and takes this share of a CPU at most. */
const SHARE = 0.05;

/**
 * Frees connections that expired, by the program `sweep`: all slots about once a second, until the signal.
 *
 * @param program as it is now: a reload may exchange it.
 * @param on.expired is told the slots of those that both ends should hear of.
 * @param on.visited is told after each round how many slots were in each of {@link STATE}.
 * @throws {KernelError}
 */
export async function sweepUntil(
  signal: AbortSignal,
  program: () => Descriptor,
  slots: number,
  on: { expired(slot: number): void; visited(byState: readonly number[]): void },
): Promise<void> {
  using context = new NativeMemory(SWEEP.size);
  while (!signal.aborted) {
    const byState = STATES.map(() => 0);
    let busyMs = 0;
    for (let from = 0; from < slots && !signal.aborted; ) {
      const before = performance.now();
      const expired = sweep(program(), context, from, Math.min(SLICE, slots - from));
      for (const slot of expired) on.expired(slot);
      busyMs += performance.now() - before;
      // A full list may have left some out.
      if (expired.length < SWEEP_EXPIRED_MAX) {
        STATES.forEach((state) => {
          byState[state]! += context.bytes.readUInt32LE(SWEEP.byState + 4 * state);
        });
        from += SLICE;
      }
      await setImmediate();
    }
    if (!signal.aborted) on.visited(byState);
    await pause(Math.max(EVERY_MS - busyMs, busyMs / SHARE), signal);
  }
}

/** @returns the slots of those that both ends should hear of: {@link SWEEP_EXPIRED_MAX} of them at most. */
function sweep(program: Descriptor, context: NativeMemory, from: number, count: number): number[] {
  const { bytes } = context;
  bytes.fill(0);
  bytes.writeUInt32LE(from, SWEEP.from);
  bytes.writeUInt32LE(count, SWEEP.count);
  runSyscallProgram(program, context);
  const length = bytes.readUInt32LE(SWEEP.reported);
  return Array.from({ length }, (_, at) => bytes.readUInt32LE(SWEEP.expired + 4 * at));
}
