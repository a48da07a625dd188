import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KernelError } from '../kernel/errors.js';
import { createNotifier } from './notify.js';

const fail = (error: KernelError): never => {
  throw error;
};

/** Receives datagrams, as Node itself cannot: the name of a socket, then how many; prints each as JSON. */
const RECEIVER = `
import json, socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1].replace('@', '\\0', 1) if sys.argv[1].startswith('@') else sys.argv[1])
print('bound', flush=True)
print(json.dumps([manager.recv(4096).decode() for _ in range(int(sys.argv[2]))]))
`;

async function received(socket: string, count: number, say: () => void): Promise<string[]> {
  const manager = spawn('python3', ['-c', RECEIVER, socket, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  manager.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (text === '') say();
    text += chunk;
  });
  await once(manager, 'close');
  return JSON.parse(text.slice('bound\n'.length));
}

test('a service manager hears where the service stands, also by an abstract socket', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const socket of [join(directory, 'notify'), `@truepeer-test-${process.pid}`]) {
    const notifier = createNotifier({ NOTIFY_SOCKET: socket }, fail);
    const heard = await received(socket, 5, () => {
      notifier.ready();
      notifier.reloading();
      notifier.status('busy');
      notifier.watchdog();
      notifier.stopping();
    });
    assert.match(heard[1]!, /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    assert.deepEqual(heard.toSpliced(1, 1), ['READY=1', 'STATUS=busy', 'WATCHDOG=1', 'STOPPING=1']);
  }
});

test('the watchdog is fed twice in the time it allows, where it means this process', () => {
  const watchdogMs = (environment: NodeJS.ProcessEnv) => createNotifier(environment, fail).watchdogMs;
  assert.equal(watchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }), 15_000);
  assert.equal(watchdogMs({ WATCHDOG_USEC: '30000000' }), 15_000);
  assert.equal(watchdogMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }), undefined);
  assert.equal(watchdogMs({}), undefined);
});

test('a manager that does not listen is no reason to fail', () => {
  const failures: string[] = [];
  const gone = join(tmpdir(), 'no-such-manager');
  createNotifier({ NOTIFY_SOCKET: gone }, ({ message }) => failures.push(message)).ready();
  assert.deepEqual(failures, [`send to ${gone}: ENOENT`]);
  createNotifier({}, fail).ready();
});
