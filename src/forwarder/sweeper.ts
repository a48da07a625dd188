import { setImmediate } from 'node:timers/promises';
import type { Descriptor } from '../kernel/descriptor.js';
import { NativeMemory } from '../kernel/memory.js';
import { runSyscallProgram } from '../kernel/test-run.js';
import { pause } from '../lifecycle/pause.js';
import { SWEEP, SWEEP_EXPIRED_MAX } from './layout.js';

/** Slots at a time: about a millisecond, during which nothing else of this process happens. */
const SLICE = 32_768;

const EVERY_MS = 1_000;

/** Visiting a table of millions takes long: then it is done less often, and takes this share of a CPU at most. */
const SHARE = 0.05;

/**
 * Frees connections that expired, by the program `sweep`: all slots about once a second, until the signal.
 *
 * @param onExpired is told the slots of established ones, which both ends should hear of.
 * @throws {KernelError}
 */
export async function sweepUntil(
  signal: AbortSignal,
  program: Descriptor,
  slots: number,
  onExpired: (slot: number) => void,
): Promise<void> {
  using context = new NativeMemory(SWEEP.size);
  while (!signal.aborted) {
    let busyMs = 0;
    for (let from = 0; from < slots && !signal.aborted; ) {
      const before = performance.now();
      const expired = sweep(program, context, from, Math.min(SLICE, slots - from));
      for (const slot of expired) onExpired(slot);
      busyMs += performance.now() - before;
      // A full list may have left some out.
      if (expired.length < SWEEP_EXPIRED_MAX) from += SLICE;
      await setImmediate();
    }
    await pause(Math.max(EVERY_MS - busyMs, busyMs / SHARE), signal);
  }
}

/** @returns the slots of established connections that expired: {@link SWEEP_EXPIRED_MAX} of them at most. */
function sweep(program: Descriptor, context: NativeMemory, from: number, count: number): number[] {
  const { bytes } = context;
  bytes.fill(0);
  bytes.writeUInt32LE(from, SWEEP.from);
  bytes.writeUInt32LE(count, SWEEP.count);
  runSyscallProgram(program, context);
  const length = bytes.readUInt32LE(SWEEP.reported);
  return Array.from({ length }, (_, at) => bytes.readUInt32LE(SWEEP.expired + 4 * at));
}
