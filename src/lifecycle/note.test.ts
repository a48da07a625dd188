import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNote, writeNote } from './note.js';

test('a note is read as it was written', () => {
  const note = { version: '1.2.3', kinds: ['200/8'], cgroup: '/für alle' };
  const data = Buffer.alloc(100);
  writeNote(data, 8, note);
  assert.deepEqual(readNote(data, 8), note);
});

test('a note that does not fit is refused, and nothing is written', () => {
  const data = Buffer.alloc(20);
  assert.throws(() => writeNote(data, 8, { cgroup: 'long' }), {
    name: 'NoteError',
    message: /come to 17 bytes, and there is room for 11: choose fewer kinds/,
  });
  assert.deepEqual(data, Buffer.alloc(20));
});
