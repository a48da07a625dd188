import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { NativeMemory } from '../src/kernel/memory.js';
import { LoadedObject } from '../src/kernel/object.js';
import { runOnPacket } from '../src/kernel/test-run.js';
import { test } from './support/forwarder/test.js';

const WORD = 8;
/** struct message of test/bpf/siphash.bpf.c. */
const MESSAGE = { size: 17 * WORD, words: 2 * WORD, hashes: 9 * WORD } as const;
const XDP_PASS = 2;

/**
 * SipHash-2-4 of the bytes 00 01 02 ... with the key 00 01 ... 0f, by their number: from the test vectors that its
 * authors publish.
 */
const VECTORS = {
  0: '310e0edd47db6f72',
  8: '6224939a79f5f593',
  16: 'db9bc2577fcc2a3f',
  24: '94af49f6c650adb8',
  40: 'd0a704536ba93e0e',
  48: '51a9cb9ecba312e6',
  56: 'bd838d3aafbf8db7',
} as const;

test('SipHash-2-4 gives the hashes its authors publish', () => {
  using object = LoadedObject.load(fileURLToPath(new URL('bpf/siphash.bpf.o', import.meta.url)));
  using message = new NativeMemory(MESSAGE.size);
  for (let at = 0; at < MESSAGE.words; at++) message.bytes[at] = at;
  for (let at = 0; at < MESSAGE.hashes - MESSAGE.words; at++) message.bytes[MESSAGE.words + at] = at;
  assert.equal(runOnPacket(object.program('hash_words'), message).returned, XDP_PASS);
  for (const [length, hash] of Object.entries(VECTORS)) {
    const at = MESSAGE.hashes + Number(length);
    assert.equal(message.bytes.toString('hex', at, at + WORD), hash, `${length} bytes`);
  }
});
