import { CONTENDERS, type Contender } from './contenders.js';
import { processorTime } from './core.js';
import { download } from './download.js';
import type { ForwarderBed } from './forwarder-bed.js';
import { LARGE, LARGE_BYTES, SMALL } from './proxy-bed.js';
import type { Scale } from './scale.js';
import { runWrk } from './wrk.js';

/** What one unit of work took, in microseconds, by how that was told. */
export type Taken = Readonly<Record<string, number>>;

/** Something to do through each contender in turn. */
export interface Load {
  readonly name: string;
  /** Of its rate: `a second`. */
  readonly unit: string;
  readonly run: (bed: ForwarderBed, contender: Contender, how: Scale['forwarder']) => Promise<Taken>;
}

/**
 * What keeps the core busy. `busy`: its time that processes and the kernel took, which goes on only for us, whatever
 * else the machine does; `elapsed`: by the clock.
 */
export const RATES: readonly Load[] = [
  {
    name: 'connections',
    unit: 'a second',
    run: (bed, contender, { seconds }) => requests(bed, contender, seconds, false),
  },
  {
    name: 'requests',
    unit: 'a second',
    run: (bed, contender, { seconds }) => requests(bed, contender, seconds, true),
  },
  {
    name: 'bulk',
    unit: 'MB a second',
    run: (bed, contender, { answers }) =>
      measured(bed, (answers * LARGE_BYTES) / 1e6, () =>
        download(bed.client, urlOf(contender, LARGE), LARGE_BYTES, answers),
      ),
  },
];

/** One request after the other on one connection: how long each takes. */
export async function latency(
  bed: ForwarderBed,
  contender: Contender,
  { seconds }: Scale['forwarder'],
): Promise<Taken> {
  const { p50, p99 } = await runWrk(bed.client, urlOf(contender, SMALL), {
    seconds,
    reuse: true,
    connections: 1,
  });
  return { p50, p99 };
}

async function requests(
  bed: ForwarderBed,
  contender: Contender,
  seconds: number,
  reuse: boolean,
): Promise<Taken> {
  let count = 0;
  const { busy, elapsed } = await measured(bed, 1, async () => {
    const report = await runWrk(bed.client, urlOf(contender, SMALL), { seconds, reuse });
    count = report.requests;
    return report.microseconds;
  });
  return { busy: busy / count, elapsed: elapsed / count };
}

async function measured(
  { lab, softirqs }: ForwarderBed,
  units: number,
  work: () => Promise<number>,
): Promise<{ readonly busy: number; readonly elapsed: number }> {
  const now = async () => (await processorTime(lab)) + (await softirqs.read());
  const before = await now();
  const elapsed = await work();
  const busy = (await now()) - before;
  return { busy: busy / units, elapsed: elapsed / units };
}

function urlOf(contender: Contender, path: string): string {
  const { address, port } = CONTENDERS[contender];
  return `http://${address}:${port}${path}`;
}
