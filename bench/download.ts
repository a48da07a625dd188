import assert from 'node:assert/strict';
import type { Host } from '../src/lab/host.js';
import { pinned } from './core.js';

/**
 * Fetches the same so many times, each over a connection of its own, on the core where everything is measured.
 *
 * @param bytes that there must be each time.
 * @returns microseconds that all took together.
 */
export async function download(client: Host, url: string, bytes: number, times: number): Promise<number> {
  const how = ['--silent', '--show-error', '--fail', '--header', 'Connection: close'];
  const told = ['--output', '/dev/null', '--write-out', '%{size_download} %{time_total}\\n'];
  const curl = client.spawn(...pinned('curl', [...how, ...told, `${url}?[1-${times}]`]));
  const { status } = await curl.closed;
  assert.equal(status, 0, curl.output.text);
  const lines = curl.stdout.text.trim().split('\n');
  const each = lines.map((line) => line.split(' ').map(Number) as [bytes: number, seconds: number]);
  assert.deepEqual(
    each.map(([length]) => length),
    Array.from({ length: times }, () => bytes),
  );
  return 1e6 * each.reduce((sum, [, seconds]) => sum + seconds, 0);
}
