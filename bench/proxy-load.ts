import { ADDRESSES } from '../test/support/chain.js';
import type { Effort } from './bed.js';
import { processorTime } from './core.js';
import { download } from './download.js';
import { LARGE, LARGE_BYTES, type ProxyBed } from './proxy-bed.js';

/** Connections that are made first: programs that have just been attached are in no cache yet. */
const WARMING = 100;

/** What a connection with one small answer takes, when a proxy is asked for so many as fast as it answers. */
export async function loadConnections(bed: ProxyBed, port: number, count: number): Promise<Effort> {
  await bed.requests.ask(port, WARMING);
  return measured(bed, count, () => bed.requests.ask(port, count));
}

/** What a megabyte takes in large answers that follow each other, each over a connection of its own. */
export async function loadBulk(bed: ProxyBed, port: number, answers: number): Promise<Effort> {
  const url = `http://${ADDRESSES.listen.ipv4}:${port}${LARGE}`;
  return measured(bed, (answers * LARGE_BYTES) / 1e6, () =>
    download(bed.chain.client, url, LARGE_BYTES, answers),
  );
}

/** @param work that says how long it took by the clock. */
async function measured(
  { chain: { lab } }: ProxyBed,
  units: number,
  work: () => Promise<number>,
): Promise<Effort> {
  const before = await processorTime(lab);
  const elapsed = await work();
  const busy = (await processorTime(lab)) - before;
  return { busy: busy / units, elapsed: elapsed / units };
}
