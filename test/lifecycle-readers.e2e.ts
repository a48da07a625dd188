import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLab } from '../src/lab/lab.js';
import { listConnections } from '../src/receiver/connections.js';
import { readStats } from '../src/receiver/stats.js';
import { readStatus } from '../src/receiver/status.js';
import { listTaggedConnections } from '../src/tagger/connections.js';
import { readTaggerStats } from '../src/tagger/stats.js';
import { readTaggerStatuses } from '../src/tagger/status.js';

const ROUNDS = 20;
const ROUNDS_CHILD = fileURLToPath(new URL('support/rounds-child.js', import.meta.url));

/** What a reader has to tell: `read`, `not attached`, or what should not be. */
function told(read: () => readonly string[]): string {
  try {
    return read().join() || 'read';
  } catch (error) {
    const { name, message } = error as Error;
    return name === 'NotAttachedError' ? 'not attached' : `${name}: ${message}`;
  }
}

function receiverProblems(): readonly string[] {
  const status = readStatus();
  return status.attached ? status.problems : ['not attached'];
}

function taggerProblems(): readonly string[] {
  const taggers = readTaggerStatuses();
  return taggers.length > 0 ? taggers.flatMap(({ problems }) => problems) : ['not attached'];
}

/** For readers of which only the failures matter. */
const nothingOf = (read: () => unknown) => (): readonly string[] => {
  read();
  return [];
};

test('while others attach and detach, readers find it attached and well or not attached', async () => {
  await using lab = await createLab({ hosts: { backend: {} } });
  const host = lab.host('backend');
  const { cgroup } = host;
  const often = [
    receiverProblems,
    taggerProblems,
    nothingOf(readStats),
    nothingOf(() => readTaggerStats(cgroup)),
  ];
  const seldom = [nothingOf(listConnections), nothingOf(() => listTaggedConnections(cgroup))];
  const seen = new Set<string>();

  let done = false;
  const rounds = host.node(ROUNDS_CHILD, [cgroup, String(ROUNDS)]);
  const ended = rounds.closed.finally(() => {
    done = true;
  });
  while (!done) {
    for (const read of [...Array(20).fill(often).flat(), ...seldom]) seen.add(told(read));
    await setImmediate();
  }
  assert.equal((await ended).status, 0, rounds.output.text);
  assert.deepEqual([...seen].sort(), ['not attached', 'read']);
});
