/** The share of heavy tests that is done: everything, unless an emulated machine, many times slower, asks for less. */
const SHARE = Number(process.env.TRUEPEER_LAB_SHARE ?? 1);

/**
 * How many of `all` to do. Where that is fewer, it is told on standard output, for it belongs to the result.
 *
 * @param what what they are: `connections`.
 */
export function amount(all: number, what: string): number {
  const some = Math.ceil(all * SHARE);
  if (some !== all) console.log(`@less ${some} of ${all} ${what}`);
  return some;
}

/** A test that is tried at too few moments shows nothing. */
const STRIDES_MOST = 4;

/**
 * How far apart the moments are at which something is tried: `apart`, or further where less is to be done, which is told
 * likewise.
 *
 * @param what what they are counted in: `system calls`.
 */
export function stride(apart: number, what: string): number {
  const some = Math.ceil(apart * Math.min(1 / SHARE, STRIDES_MOST));
  if (some !== apart) console.log(`@less every ${some} ${what} in place of every ${apart}`);
  return some;
}
