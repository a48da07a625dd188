import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_PROFILES, PROFILES } from '../../wire/index.js';
import { PLAIN } from '../style.js';
import { profileRows, showProfiles } from './profiles.js';

test('every profile, with its kinds; the default ones are marked', () => {
  const lines = showProfiles(profileRows(), PLAIN);
  for (const [at, { name, who }] of PROFILES.entries()) {
    const line = lines[at + 1]!;
    assert.ok(line.startsWith(`${name} `) && line.endsWith(who), line);
    assert.equal(/ default /.test(line), DEFAULT_PROFILES.includes(name), line);
  }
  assert.match(
    lines.find((line) => line.startsWith('alibaba-slb'))!,
    / 254\/8 253\/20 252\/20 250\/8 249\/40 /,
  );
  assert.match(lines.find((line) => line.startsWith('alibaba-cdn'))!, / 28\/7 \(SYN\) 28\/19 \(SYN\) /);
});

test('what there is to know before choosing one', () => {
  const text = showProfiles(profileRows(), PLAIN).join('\n');
  for (const note of PROFILES.flatMap(({ notes }) => notes)) assert.ok(text.includes(note));
});
