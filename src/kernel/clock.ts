import koffi from 'koffi';

/** clockid_t */
const REALTIME = 0;
const BOOTTIME = 7;

let clockGettime: ((clock: number, time: Buffer) => number) | undefined;

function now(clock: number): bigint {
  clockGettime ??= koffi.load(null).func('int clock_gettime(int clock, void *time)');
  const time = Buffer.alloc(16);
  clockGettime!(clock, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}

/** Nanoseconds of CLOCK_BOOTTIME, which the BPF programs stamp with. */
export function bootTimeNs(): bigint {
  return now(BOOTTIME);
}

/** The wall-clock time of a CLOCK_BOOTTIME stamp: the same whenever one asks, unless the clock is set. */
export function wallClock(bootNs: bigint): Date {
  return new Date(Number((bootNs + wallClockAheadNs()) / 1_000_000n));
}

const LOOKS = 5;

/** From the look at both clocks that took least: others may have had the processor in between. */
function wallClockAheadNs(): bigint {
  let best = { tookNs: 0n, aheadNs: 0n };
  for (let look = 0; look < LOOKS; look++) {
    const before = now(BOOTTIME);
    const wall = now(REALTIME);
    const tookNs = now(BOOTTIME) - before;
    if (look === 0 || tookNs < best.tookNs) best = { tookNs, aheadNs: wall - before - tookNs / 2n };
  }
  return best.aheadNs;
}
