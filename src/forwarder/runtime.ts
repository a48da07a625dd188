import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a running daemon leaves on the file system. */
const DIRECTORY = '/run/truepeer';

export const CONTROL_SOCKET = join(DIRECTORY, 'forwarder.sock');

/** Locked by the daemon for as long as it lives; its process id is in there. */
export const DAEMON_LOCK = join(DIRECTORY, 'forwarder.pid');

/** Makes the directory unless it is there. */
export function makeRuntimeDirectory(): void {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
}
