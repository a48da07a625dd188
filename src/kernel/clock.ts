import koffi from 'koffi';

const CLOCK_BOOTTIME = 7;

/** Nanoseconds of CLOCK_BOOTTIME, which the BPF programs stamp with. */
export function bootTimeNs(): bigint {
  const time = Buffer.alloc(16);
  koffi.load(null).func('int clock_gettime(int clock, void *time)')(CLOCK_BOOTTIME, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}

/** The wall-clock time of a CLOCK_BOOTTIME stamp. */
export function wallClock(bootNs: bigint): Date {
  return new Date(Date.now() - Number((bootTimeNs() - bootNs) / 1_000_000n));
}
