import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeNote, encodeSettings } from './program-data.js';

test('what is said over and over is noted once, and takes no more room', () => {
  const often = <Word>(word: Word) => new Array<Word>(1_000).fill(word);
  const data = encodeSettings({
    trust: 'any',
    profiles: often('dpvs'),
    kinds: often('200/8'),
    refuse: often('private' as const),
    cgroup: '/',
    sockopt: true,
  });
  const { profiles, kinds, refuse } = decodeNote(data);
  assert.deepEqual([profiles, kinds, refuse], [['dpvs'], ['200/8'], ['private']]);
});
