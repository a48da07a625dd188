import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError, NotSeenError } from './errors.js';
import { LabProcess } from './process.js';
import { run } from './run.js';

const sh = (script: string): string[] => ['sh', '-c', script];

test('a command gives back both outputs and its status', async () => {
  const result = await run(sh('cat; echo oops >&2; exit 3'), { input: 'given', check: false });
  assert.deepEqual(result, { stdout: 'given', stderr: 'oops\n', status: 3 });
});

test('a failed command says which, how and why', async () => {
  await assert.rejects(run(sh('echo no such route >&2; exit 3')), (error) => {
    assert.ok(error instanceof CommandError);
    assert.equal(error.status, 3);
    assert.match(error.message, /`sh -c .*` ended with status 3: no such route$/);
    return true;
  });
});

test('a signal and a missing program are failures too', async () => {
  await assert.rejects(run(sh('kill -KILL $$')), /was ended by SIGKILL/);
  await assert.rejects(run(['/nowhere/at-all']), /could not be started \(.*ENOENT/);
});

test('a command that takes too long is killed, even if its orphans live on', async () => {
  await assert.rejects(run(sh('sleep 3 & exec sleep 1000'), { timeoutMs: 100 }), /was killed after 100 ms/);
});

test('lines are awaited on either output, in the past and in the future', async () => {
  await using server = new LabProcess(sh('echo starting; read -r go; printf "port %s" "$go" >&2; exec cat'));
  assert.equal((await server.waitForLine(/start/)).input, 'starting');
  server.stdin.end('80\n');
  assert.equal((await server.waitForLine(/port (\d+)/))[1], '80');
  assert.equal((await server.waitForLine(/start/)).input, 'starting');
  assert.equal(server.stdout.text, 'starting\n');
  assert.equal(server.stderr.text, 'port 80');
});

test('an output that ends without the line says what it did say', async () => {
  await using server = new LabProcess(sh('echo bind: address in use'));
  await assert.rejects(server.waitForLine(/ready/), (error) => {
    assert.ok(error instanceof NotSeenError);
    assert.match(error.message, /ended without a line that matches \/ready\/; seen:\nbind: address in use/);
    return true;
  });
});

test('a line that does not come in time is an error', async () => {
  await using server = new LabProcess(sh('echo slow; exec cat'));
  await assert.rejects(server.waitForLine(/ready/, 200), /within 200 ms; seen:/);
});

test('waiting for a port ends when the process does', async () => {
  await using server = new LabProcess(sh('echo cannot bind >&2; exit 1'));
  await assert.rejects(server.waitForPort(1), /ended before it listened on port 1:\ncannot bind/);
});

test('stop() asks first and insists later', async () => {
  const polite = new LabProcess(sh('trap "exit 5" TERM; echo up; while :; do sleep 0.01; done'));
  await polite.waitForLine(/up/);
  assert.deepEqual(await polite.stop(), { status: 5, signal: null });
  const stubborn = new LabProcess(sh('trap "" TERM; echo up; while :; do sleep 0.01; done'));
  await stubborn.waitForLine(/up/);
  assert.deepEqual(await stubborn.stop(100), { status: null, signal: 'SIGKILL' });
});
