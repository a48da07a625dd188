import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A_SECOND, AT_ONCE, type Checked, Checker, type Group, slowdownOf } from './checker.js';

/** A group whose backends are checked by looking at their port. */
function group(id: number, count: number, check: Group['check'], intervalMs = 20): Group {
  const backends = Array.from({ length: count }, (_, n) => ({
    id: 1_000_000 * id + n,
    target: { address: '192.0.2.1', port: n },
  }));
  return { id, intervalMs, check, backends };
}

/** Runs until as many checks are done. */
function collect(count: number, groups: readonly Group[]): Promise<Checked[]> {
  return new Promise((resolve) => {
    const done: Checked[] = [];
    const checker = new Checker((checked) => {
      done.push(checked);
      if (done.length < count) return;
      checker[Symbol.dispose]();
      resolve(done);
    });
    checker.set(groups);
  });
}

test('everybody is checked again and again, and what comes out is told', async () => {
  const even = async ({ port }: { port: number }) => (port % 2 === 0 ? undefined : 'odd');
  const done = await collect(400, [group(1, 10, even), group(2, 10, even)]);
  assert.equal(new Set(done.map(({ backend }) => backend)).size, 20);
  for (const { backend, failure, group } of done) {
    assert.equal(failure, backend % 2 === 0 ? undefined : 'odd');
    assert.equal(group, Math.floor(backend / 1_000_000));
  }
});

test('however many backends there are, only so many are checked at once, of every group', async () => {
  let running = 0;
  let most = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = async () => {
    most = Math.max(most, ++running);
    // More of them would have time to begin.
    if (running === AT_ONCE) setTimeout(open, 50);
    await gate;
    running--;
    return undefined;
  };
  const done = await collect(3_600, [group(1, 3_000, slow, 1), group(2, 500, slow, 1)]);
  assert.equal(most, AT_ONCE);
  assert.equal(new Set(done.filter(({ group }) => group === 2).map(({ backend }) => backend)).size, 500);
});

test('rounds take longer where there would be more checks than one process has time for', () => {
  const check = async () => undefined;
  const groups = (count: number) => Array.from({ length: count }, (_, id) => group(id, 1_000, check, 2_000));
  assert.equal(slowdownOf(groups(1)), 1);
  assert.equal(slowdownOf(groups(64)), (64 * 500) / A_SECOND);
});

test('a check that outlasts the interval is not started twice', async () => {
  const started = new Set<number>();
  const never = ({ port }: { port: number }) => {
    assert.ok(!started.has(port));
    started.add(port);
    return new Promise<undefined>(() => {});
  };
  const quick = async () => undefined;
  await collect(50, [group(1, 3, never, 5), group(2, 1, quick, 5)]);
  assert.equal(started.size, 3);
});
