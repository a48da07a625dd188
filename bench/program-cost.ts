import { openCgroup } from '../src/kernel/cgroup.js';
import { CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { ProgramType } from '../src/kernel/program.js';
import { enableStatistics } from '../src/kernel/statistics.js';
import { detachReceiver } from '../src/receiver/detach.js';
import type { Family } from '../test/support/clients.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import { insteadOfReceiver } from './floor.js';
import { holdPeers } from './held.js';
import { Meter, type Metered } from './meter.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const GOALS = { tagged: 400, untagged: 200, getpeername: 60 } as const;

/** How many connections are asked for their peers again and again. */
const ASKED = 64;

/** A sort of connections, and what is metered while they are made. */
interface Sort {
  readonly family: Family;
  readonly tagged: boolean;
  readonly name: string;
}

/** What was metered of one sort, batch by batch. */
interface Cost {
  readonly established: Metered[];
  readonly accepted: Metered[];
}

const SORTS: readonly Sort[] = [
  { family: 'ipv4', tagged: true, name: 'IPv4 client' },
  { family: 'ipv6', tagged: true, name: 'IPv6 client' },
  { family: 'ipv4', tagged: false, name: 'no TOA' },
];

/** What the receiver's programs cost by the kernel's own statistics, and what else the kernel has to keep something of a socket. */
export async function measureProgramCost(bed: Bed, { batches, batch }: Scale): Promise<Figure[]> {
  using _statistics = enableStatistics();
  using cgroup = openCgroup(bed.chain.backend.cgroup);
  using storage = insteadOfReceiver(cgroup, 'storage');
  using table = insteadOfReceiver(cgroup, 'table');
  const costs = SORTS.map(nothingYet);
  const others = [
    { name: 'socket storage alone', programs: storage, cost: nothingYet() },
    { name: 'an entry of a table', programs: table, cost: nothingYet() },
  ];
  for (let round = 0; round < batches; round++) {
    bed.chain.attach();
    await meter(bed, cgroup, SORTS, costs, batch);
    detachReceiver();
    for (const { programs, cost } of others) {
      using _attached = programs.attach();
      await meter(bed, cgroup, SORTS.slice(0, 1), [cost], batch);
    }
  }
  const goal = GOALS.getpeername;
  return [
    ...SORTS.map(({ name, tagged }, at) =>
      costOf(
        { name: `establish a connection, ${name}`, goal: tagged ? GOALS.tagged : GOALS.untagged },
        costs[at]!.established,
        batch,
      ),
    ),
    ...others.map(({ name, cost }) => costOf({ name: `instead: ${name}` }, cost.established, batch)),
    ...SORTS.map(({ name }, at) =>
      costOf({ name: `getpeername in accept(), ${name}`, goal }, costs[at]!.accepted),
    ),
    ...others.map(({ name, cost }) => costOf({ name: `instead: finding ${name}` }, cost.accepted)),
    costOf({ name: 'getpeername() again, IPv4 client', goal }, await meterAgain(bed, cgroup, batches, batch)),
  ];
}

function nothingYet(): Cost {
  return { established: [], accepted: [] };
}

/** Makes a batch of connections of each sort. */
async function meter(
  bed: Bed,
  cgroup: Descriptor,
  sorts: readonly Sort[],
  costs: readonly Cost[],
  batch: number,
): Promise<void> {
  using sockops = new Meter(cgroup, CgroupHook.sockOps, { type: ProgramType.sockOps });
  using peer4 = getpeernameMeter(cgroup, CgroupHook.getpeername4);
  using peer6 = getpeernameMeter(cgroup, CgroupHook.getpeername6);
  const peers = { ipv4: peer4, ipv6: peer6 };
  for (const [at, { family, tagged }] of sorts.entries()) {
    const load = () => bed.load({ family, tagged, count: batch });
    const { established, accepted } = costs[at]!;
    accepted.push(
      await peers[family].during(async () => {
        established.push(await sockops.during(load));
      }),
    );
  }
}

/** Asks the same few connections for their peers, again and again, with nothing in between. */
async function meterAgain(bed: Bed, cgroup: Descriptor, batches: number, batch: number): Promise<Metered[]> {
  bed.chain.attach();
  using peer4 = getpeernameMeter(cgroup, CgroupHook.getpeername4);
  await using held = await holdPeers(bed, { family: 'ipv4', tagged: true, count: ASKED });
  const asked: Metered[] = [];
  for (let round = 0; round < batches; round++) asked.push(await peer4.during(() => held.ask(batch)));
  return asked;
}

function getpeernameMeter(cgroup: Descriptor, hook: CgroupHook): Meter {
  return new Meter(cgroup, hook, { type: ProgramType.sockAddr, attachType: hook });
}

/**
 * A program's time without what an empty program took in as many runs.
 *
 * @param events that the time is divided by; the runs unless given.
 */
function costOf(
  about: { readonly name: string; readonly goal?: number },
  metered: readonly Metered[],
  events?: number,
): Figure {
  const median = (of: (batch: Metered) => number) => summarize(metered.map(of)).median;
  const raw = median(({ runs, measured }) => measured / (events ?? runs));
  const runs = median((batch) => batch.runs / (events ?? batch.runs));
  const sampling = median((batch) => batch.empty / batch.runs);
  return figure({
    group: 'programs',
    ...about,
    unit: 'ns',
    samples: metered.map((batch) => (batch.measured - batch.empty) / (events ?? batch.runs)),
    raw,
    detail: `${Math.round(raw)} ns raw${events === undefined ? '' : ` in ${runs.toFixed(1)} runs`}, of which ${runs.toFixed(runs % 1 ? 1 : 0)} × ${Math.round(sampling)} ns are the sampling`,
  });
}
