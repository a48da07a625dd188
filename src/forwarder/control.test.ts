import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ask, askHealth, NoAnswerError, NoDaemonError } from './control-client.js';
import { ControlError, REQUEST_BYTES } from './control-protocol.js';
import { type Handle, serveControl } from './control-server.js';

async function serving(handle: Handle): Promise<{ path: string } & Disposable> {
  const directory = mkdtempSync(join(tmpdir(), 'control-'));
  const path = join(directory, 'test.sock');
  const server = await serveControl(path, handle);
  return {
    path,
    [Symbol.dispose]: () => {
      server[Symbol.dispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

/** What comes back for these bytes. */
async function send(path: string, bytes: string): Promise<string> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.end(bytes);
  return text(socket);
}

test('a request is answered with what the daemon says', async () => {
  using control = await serving(async (request) => {
    await setImmediate();
    return { already: request.command === 'drain' };
  });
  const web = { service: 'web', backend: '10.0.1.11:80' };
  assert.deepEqual(await ask({ command: 'drain', ...web }, control.path), { already: true });
  assert.deepEqual(await ask({ command: 'undrain', ...web }, control.path), { already: false });
});

test('a refusal comes back in the words of the daemon, also one of several lines', async () => {
  using control = await serving(async () => {
    throw new TypeError('a.yaml:1:1: no\na.yaml:2:1: neither');
  });
  await assert.rejects(ask({ command: 'reload' }, control.path), (error) => {
    assert.ok(error instanceof ControlError);
    assert.equal(error.message, 'a.yaml:1:1: no\na.yaml:2:1: neither');
    return true;
  });
});

test('root alone may ask', async () => {
  using control = await serving(() => ({}));
  assert.equal(statSync(control.path).mode & 0o777, 0o600);
});

test('what is no request is refused, and the next one is answered', async () => {
  using control = await serving(() => ({ changes: [] }));
  for (const bytes of ['hello\n', '[]\n', 'null\n', '{"command":"drain"}\n', '{"command":"stop"}\n', '\n'])
    assert.match(await send(control.path, bytes), /^\{"ok":false,"message":"no /, bytes);
  assert.match(await send(control.path, 'x'.repeat(REQUEST_BYTES + 1)), /^\{"ok":false/);
  assert.equal(await send(control.path, ''), '', 'who asks nothing is answered nothing');
  assert.match(await send(control.path, '{"command":"reload"}\n'), /^\{"ok":true/);
  assert.deepEqual(await ask({ command: 'reload' }, control.path), { changes: [] });
});

test('without a daemon, that is what is said', async () => {
  const path = join(tmpdir(), 'no-such.sock');
  await assert.rejects(ask({ command: 'reload' }, path), NoDaemonError);
  assert.equal(await askHealth(path), 'absent');
});

test('a daemon that does not answer is not waited for without end', async () => {
  using control = await serving(() => new Promise(() => {}));
  await assert.rejects(ask({ command: 'reload' }, control.path, 50), NoAnswerError);
  assert.equal(await askHealth(control.path, 50), 'silent');
});
