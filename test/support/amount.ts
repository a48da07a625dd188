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
