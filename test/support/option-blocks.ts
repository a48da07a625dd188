import { FORMATS, KNOWN_OPTIONS, MAX_OPTIONS } from '../../src/wire/index.js';
import type { Random } from './random.js';

/** Kind and length of every TOA option there is. */
const TOA: readonly (readonly [number, number])[] = KNOWN_OPTIONS.map(({ kind, format }) => [
  kind,
  FORMATS[format].length,
]);

/** Other protocols' options, as real segments have them: some share a kind with TOA. */
const OTHERS: readonly (readonly number[])[] = [
  [2, 4, 0x05, 0xb4],
  [3, 3, 7],
  [4, 2],
  [8, 10],
  [5, 10],
  [5, 18],
  [5, 34],
  [30, 4],
  [30, 12],
  [30, 20],
  [28, 4, 0x80, 0x3c],
  [34, 2],
  [34, 10],
  [254, 4, 0xf9, 0x89],
  [254, 12, 0xf9, 0x89],
  [254, 6, 0xe2, 0xd4, 0xc3, 0xd9],
  [253, 16, 0xde, 0xe9],
];

/** What the first bytes behind a kind and length decide: Fast Open's magic, the version, nearly those. */
const HEADS: readonly (readonly number[])[] = [
  [],
  [],
  [1],
  [0],
  [2],
  [0xf9, 0x89],
  [0xf9, 0x88],
  [0xf8, 0x89],
];

/** What nearly every client completes a handshake with: NOP, NOP, and a timestamp of 10 bytes. */
const PLAIN = [1, 1, 8, 10];

const NEAR = [-4, -2, -1, 1, 2, 4];

/**
 * Fills 40 bytes with options as a forwarder, a client or an attacker would write them: whole and broken TOA of every
 * vendor, other protocols' options, padding, and now and then plain noise. The bytes behind the returned length are
 * more of the same: nobody may read them.
 *
 * @returns how many of the bytes are the header's options.
 */
export function fillBlock(random: Random, block: Uint8Array): number {
  for (let at = 0; at < MAX_OPTIONS; at++) block[at] = random.next();
  if (random.oneIn(16)) return random.below(MAX_OPTIONS + 1);
  if (random.oneIn(16)) return put(block, 0, 12, PLAIN);

  const ends: number[] = [];
  for (let at = 0; at < MAX_OPTIONS; ends.push(at)) at += putPiece(random, block, at);
  for (let flips = random.oneIn(4) ? 1 + random.below(3) : 0; flips > 0; flips--)
    block[random.below(MAX_OPTIONS)]! ^= 1 << random.below(8);
  // Mostly the header ends with an option.
  return random.oneIn(5) ? random.below(MAX_OPTIONS + 1) : Math.min(random.of(ends), MAX_OPTIONS);
}

/** Writes one option, as much of it as there is room for; returns its length. */
function putPiece(random: Random, block: Uint8Array, at: number): number {
  const choice = random.below(32);
  if (choice < 14) {
    const [kind, length] = random.of(TOA);
    return put(block, at, length, [kind, length, ...random.of(HEADS)]);
  }
  if (choice < 16) return put(block, at, 8, [random.oneIn(2) ? 250 : 202, 8]);
  if (choice < 21) return put(block, at, 1, [1]);
  if (choice < 25) {
    const option = random.of(OTHERS);
    return put(block, at, option[1]!, option);
  }
  if (choice < 28) {
    const [kind, length] = random.of(TOA);
    const wrong = random.oneIn(3) ? random.below(256) : length + random.of(NEAR);
    return put(block, at, Math.max(wrong, 2), [kind, wrong]);
  }
  if (choice < 30) {
    const length = 2 + random.below(12);
    return put(block, at, length, [random.below(256), length]);
  }
  return choice === 30 ? put(block, at, 1, [0]) : 1 + random.below(4);
}

/** The bytes behind the head stay what they are. */
function put(block: Uint8Array, at: number, length: number, head: readonly number[]): number {
  for (let byte = 0; byte < head.length && byte < length && at + byte < MAX_OPTIONS; byte++)
    block[at + byte] = head[byte]!;
  return length;
}
