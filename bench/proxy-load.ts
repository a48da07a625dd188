import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES } from '../test/support/chain.js';
import { type Effort, jsonOf } from './bed.js';
import { pinned, processorTime } from './core.js';
import { LARGE, LARGE_BYTES, type ProxyBed, SMALL } from './proxy-bed.js';

/** Connections that wait for each other's turn. */
const CONCURRENCY = 32;

/** Makes wrk say in JSON what it did. */
const REPORT = `done = function(summary)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"errors":%d}\\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`;

interface WrkReport {
  readonly requests: number;
  readonly microseconds: number;
  readonly errors: number;
}

/** What a connection with one small answer takes, when a proxy is asked for as many as it can make in some seconds. */
export async function loadConnections({ chain }: ProxyBed, port: number, seconds: number): Promise<Effort> {
  const { client, lab } = chain;
  const script = join(client.dir, 'report.lua');
  await writeFile(script, REPORT);
  const how = ['-t', '1', '-c', `${CONCURRENCY}`, '-d', `${seconds}s`, '-s', script];
  const before = await processorTime(lab);
  const wrk = client.spawn(...pinned('wrk', [...how, '-H', 'Connection: close', url(port, SMALL)]));
  const { requests, microseconds, errors } = await jsonOf<WrkReport>(wrk);
  const busy = (await processorTime(lab)) - before;
  assert.equal(errors, 0, wrk.output.text);
  return { busy: busy / requests, elapsed: microseconds / requests };
}

/** What a megabyte takes in large answers that follow each other, each over a connection of its own. */
export async function loadBulk({ chain }: ProxyBed, port: number, answers: number): Promise<Effort> {
  const { client, lab } = chain;
  const how = ['--silent', '--show-error', '--fail', '--header', 'Connection: close'];
  const told = ['--output', '/dev/null', '--write-out', '%{size_download} %{time_total}\\n'];
  const before = await processorTime(lab);
  const curl = client.spawn(...pinned('curl', [...how, ...told, `${url(port, LARGE)}?[1-${answers}]`]));
  const { status } = await curl.closed;
  const busy = (await processorTime(lab)) - before;
  assert.equal(status, 0, curl.output.text);
  const lines = curl.stdout.text.trim().split('\n');
  const each = lines.map((line) => line.split(' ').map(Number) as [bytes: number, seconds: number]);
  assert.deepEqual(
    each.map(([bytes]) => bytes),
    Array.from({ length: answers }, () => LARGE_BYTES),
  );
  const megabytes = (answers * LARGE_BYTES) / 1e6;
  const elapsed = 1e6 * each.reduce((sum, [, seconds]) => sum + seconds, 0);
  return { busy: busy / megabytes, elapsed: elapsed / megabytes };
}

function url(port: number, path: string): string {
  return `http://${ADDRESSES.listen.ipv4}:${port}${path}`;
}
