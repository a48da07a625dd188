import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanLine } from './log-line.js';

test('a line of the log as people read it', () => {
  const time = new Date(2026, 10, 22, 18, 43, 2).toISOString();
  const line = JSON.stringify({
    level: 'warn',
    time,
    service: 'web',
    why: 'status 503, again',
    left: 3,
    msg: 'backend is down',
  });
  assert.equal(
    humanLine(line),
    '18:43:02 warn   backend is down  service=web  why="status 503, again"  left=3\n',
  );
});
