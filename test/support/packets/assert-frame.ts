import assert from 'node:assert/strict';
import { toHex } from '../../../src/wire/hex.js';
import { buildFrame, type Frame } from './frame.js';
import { showFrame } from './show.js';

/**
 * Compares a frame with what it should be, byte for byte. The checksums expected are summed up from nothing.
 *
 * @throws {assert.AssertionError} that shows both in words, as far as they differ there, or else their bytes.
 */
export function assertFrame(actual: Uint8Array, expected: Frame | Uint8Array, what = 'the frame'): void {
  const bytes = expected instanceof Uint8Array ? expected : buildFrame(expected);
  if (Buffer.compare(actual, bytes) === 0) return;
  assert.deepEqual(showFrame(actual), showFrame(bytes), what);
  assert.equal(toHex(actual), toHex(bytes), what);
}
