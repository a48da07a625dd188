import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { objectPath } from '../kernel/artifacts.js';
import { readTypes, type StructLayout } from '../kernel/btf.test.helper.js';
import { assertEnum, assertStruct } from '../kernel/layout.test.helper.js';
import { RECORDER, recorderSize } from '../lifecycle/recorder.js';
import { SOCKET_LINE, SOCKET_VALUE_BYTES } from '../lifecycle/sockets.js';
import { TAG, TAG_DECISION, TAG_ON, TAGGER_COUNTERS, TAGGER_SETTINGS } from '../tagger/layout.js';
import { TAG_OUTCOMES } from '../tagger/outcomes.js';
import { Format, Verdict } from '../wire/index.js';
import { INFO } from './client-of.js';
import { CONNECTION, COUNTERS, DECISION, FLAGS, NETWORK, SETTINGS, SLOT, TRUST_KEY } from './layout.js';
import { OUTCOMES } from './outcomes.js';

const receiver = readTypes(objectPath('receiver'));
const tagger = readTypes(objectPath('tagger'));
const others = readTypes(fileURLToPath(new URL('../../test/bpf/layouts.bpf.o', import.meta.url)));

/** The TypeScript side, the compiled side, and what C calls it. */
const STRUCTS = [
  [SETTINGS, receiver, 'receiver_settings'],
  [CONNECTION, receiver, 'connection'],
  [SLOT, receiver, 'slot'],
  [COUNTERS, receiver, 'counters'],
  [DECISION, receiver, 'decision'],
  [NETWORK, receiver, 'network'],
  [TRUST_KEY, receiver, 'trust_key'],
  [TAGGER_SETTINGS, tagger, 'tagger_settings'],
  [TAG, tagger, 'tag'],
  [TAG_DECISION, tagger, 'decision'],
  [TAGGER_COUNTERS, tagger, 'tagger_counters'],
  [SOCKET_LINE, others, 'socket_line'],
  [INFO, others, 'truepeer_info'],
] as const;

for (const [layout, types, name] of STRUCTS)
  test(`struct ${name} is laid out as TypeScript believes`, () => assertStruct(types, name, layout));

test('a recorder is as many decisions as TypeScript believes', () => {
  for (const [{ structs }, decision] of [
    [receiver, DECISION],
    [tagger, TAG_DECISION],
  ] as const) {
    const { head, slots, size }: StructLayout = structs.get('recorder')!;
    assert.deepEqual(
      { head, slots, size },
      { head: RECORDER.head, slots: RECORDER.slots, size: recorderSize(decision.size) },
    );
  }
});

test('what either role keeps with a socket fills a line of connections', () => {
  const { SOCKET_VALUE: bytes } = others.enums.get('numbers')!;
  assert.deepEqual([bytes, CONNECTION.size, TAG.size], new Array(3).fill(SOCKET_VALUE_BYTES));
});

/** The numbers that C gives to names, and TypeScript to the same. */
const ENUMS = {
  outcome: numbersOf(OUTCOMES),
  tag_outcome: numbersOf(TAG_OUTCOMES),
  toa_format: Object.entries(Format),
  toa_verdict: Object.entries(Verdict),
  truepeer_flags: Object.entries(FLAGS),
  tag_on: Object.entries(TAG_ON),
} as const;

for (const [name, numbers] of Object.entries(ENUMS))
  test(`enum ${name} has the numbers that TypeScript believes`, () =>
    assertEnum(others, name, numbers, /^(OUTCOME|TAG|TOA_FORMAT|TOA)_/));

function numbersOf(outcomes: readonly { name: string; code: number }[]): [string, number][] {
  return outcomes.map(({ name, code }) => [name, code]);
}
