import assert from 'node:assert/strict';

/**
 * What sockopt-probe learnt from one socket, by call (`getpeername`, `ip/4096/20`): the bytes of a success in
 * hexadecimal, or the name of the error.
 */
export type Answers = Readonly<Record<string, string>>;

interface Answer {
  readonly errno: string | null;
  readonly optlen: number;
  readonly hex: string;
  readonly stray: number;
}

/** Reads one socket's answers; no call may have touched memory that it did not answer with. */
export function answersOf(probed: Readonly<Record<string, Answer>>): Answers {
  return Object.fromEntries(
    Object.entries(probed).map(([call, { errno, optlen, hex, stray }]) => {
      assert.equal(stray, 0, `${call} changed ${stray} bytes beyond its answer`);
      if (errno === null) assert.equal(optlen, hex.length / 2, `the length that ${call} returned`);
      return [call, errno ?? hex];
    }),
  );
}

/** The answer to TRUEPEER_INFO without its time, which must be there for a connection with TOA only. */
export function infoWithoutTime({ 'tcp/0x5450/72': info = '' }: Answers): string {
  const withToa = info.slice(110, 112) !== '00';
  assert.equal(info.slice(128) !== '0'.repeat(16), withToa, `established_ns in ${info}`);
  return info.slice(0, 128);
}
