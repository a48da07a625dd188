import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../src/lab/host.js';
import { jsonOf } from './bed.js';
import { pinned } from './core.js';

/** Makes wrk say in JSON what it did. */
const REPORT = `done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"errors":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;

export interface WrkReport {
  readonly requests: number;
  /** How long it went on. */
  readonly microseconds: number;
  /** Of the time that one request in two, and 99 in 100, take at most: microseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface WrkOptions {
  readonly seconds: number;
  /** Whether a connection is used again, instead of a new one for each request. */
  readonly reuse: boolean;
  /** Connections that wait for each other's turn; 32 unless given. */
  readonly connections?: number;
}

/**
 * Asks for the same again and again, as fast as answers come, on the core where everything is measured.
 *
 * @throws {AssertionError} where a single request failed.
 */
export async function runWrk(client: Host, url: string, options: WrkOptions): Promise<WrkReport> {
  const { seconds, reuse, connections = 32 } = options;
  const script = join(client.dir, 'report.lua');
  await writeFile(script, REPORT);
  const how = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '-s', script];
  const header = reuse ? [] : ['-H', 'Connection: close'];
  const wrk = client.spawn(...pinned('wrk', [...how, ...header, url]));
  const { errors, ...report } = await jsonOf<WrkReport & { errors: number }>(wrk);
  assert.equal(errors, 0, wrk.output.text);
  return report;
}
