import { ADDRESSES } from '../test/support/chain.js';
import type { Effort } from './bed.js';
import { processorTime } from './core.js';
import { download } from './download.js';
import { LARGE, LARGE_BYTES, type ProxyBed, SMALL } from './proxy-bed.js';
import { runWrk } from './wrk.js';

/** What a connection with one small answer takes, when a proxy is asked for as many as it can make in some seconds. */
export async function loadConnections({ chain }: ProxyBed, port: number, seconds: number): Promise<Effort> {
  const { client, lab } = chain;
  const before = await processorTime(lab);
  const { requests, microseconds } = await runWrk(client, url(port, SMALL), { seconds, reuse: false });
  const busy = (await processorTime(lab)) - before;
  return { busy: busy / requests, elapsed: microseconds / requests };
}

/** What a megabyte takes in large answers that follow each other, each over a connection of its own. */
export async function loadBulk({ chain }: ProxyBed, port: number, answers: number): Promise<Effort> {
  const { client, lab } = chain;
  const before = await processorTime(lab);
  const elapsed = await download(client, url(port, LARGE), LARGE_BYTES, answers);
  const busy = (await processorTime(lab)) - before;
  const megabytes = (answers * LARGE_BYTES) / 1e6;
  return { busy: busy / megabytes, elapsed: elapsed / megabytes };
}

function url(port: number, path: string): string {
  return `http://${ADDRESSES.listen.ipv4}:${port}${path}`;
}
