import { openCgroup } from '../src/kernel/cgroup.js';
import { CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { ProgramType } from '../src/kernel/program.js';
import { enableStatistics } from '../src/kernel/statistics.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import { holdPeers } from './held.js';
import { Meter, type Metered } from './meter.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const GOALS = { tagged: 400, untagged: 200, getpeername: 60 } as const;

/** How many connections are asked for their peers again and again. */
const ASKED = 64;

/** What is metered of each sort of connection. */
const SORTS = [
  { family: 'ipv4', tagged: true, name: 'IPv4 client' },
  { family: 'ipv6', tagged: true, name: 'IPv6 client' },
  { family: 'ipv4', tagged: false, name: 'no TOA' },
] as const;

/** What the receiver's programs cost by the kernel's own statistics. */
export async function measureProgramCost(bed: Bed, { batches, batch }: Scale): Promise<Figure[]> {
  bed.chain.attach();
  using _statistics = enableStatistics();
  using cgroup = openCgroup(bed.chain.backend.cgroup);
  using sockops = new Meter(cgroup, CgroupHook.sockOps, { type: ProgramType.sockOps });
  using peer4 = getpeernameMeter(cgroup, CgroupHook.getpeername4);
  using peer6 = getpeernameMeter(cgroup, CgroupHook.getpeername6);
  const peers = { ipv4: peer4, ipv6: peer6 };
  await using held = await holdPeers(bed, { family: 'ipv4', tagged: true, count: ASKED });

  const established: Metered[][] = SORTS.map(() => []);
  const accepted: Metered[][] = SORTS.map(() => []);
  const asked: Metered[] = [];
  for (let round = 0; round < batches; round++) {
    for (const [at, { family, tagged }] of SORTS.entries())
      accepted[at]!.push(
        await peers[family].during(async () => {
          established[at]!.push(await sockops.during(() => bed.load({ family, tagged, count: batch })));
        }),
      );
    asked.push(await peer4.during(() => held.ask(Math.ceil(batch / ASKED))));
  }
  return [
    ...SORTS.map(({ name, tagged }, at) =>
      costs(
        `establish a connection, ${name}`,
        tagged ? GOALS.tagged : GOALS.untagged,
        established[at]!,
        batch,
      ),
    ),
    ...SORTS.map(({ name }, at) =>
      costs(`getpeername in accept(), ${name}`, GOALS.getpeername, accepted[at]!),
    ),
    costs('getpeername() again, IPv4 client', GOALS.getpeername, asked),
  ];
}

function getpeernameMeter(cgroup: Descriptor, hook: CgroupHook): Meter {
  return new Meter(cgroup, hook, { type: ProgramType.sockAddr, attachType: hook });
}

/**
 * The receiver's time without what an empty program took in as many runs.
 *
 * @param events that the time is divided by; the runs unless given.
 */
function costs(name: string, goal: number, metered: readonly Metered[], events?: number): Figure {
  const median = (of: (batch: Metered) => number) => summarize(metered.map(of)).median;
  const raw = median(({ runs, receiver }) => receiver / (events ?? runs));
  const runs = median((batch) => batch.runs / (events ?? batch.runs));
  const sampling = median((batch) => batch.empty / batch.runs);
  return figure({
    group: 'programs',
    name,
    unit: 'ns',
    goal,
    samples: metered.map((batch) => (batch.receiver - batch.empty) / (events ?? batch.runs)),
    raw,
    detail: `${Math.round(raw)} ns raw${events === undefined ? '' : ` in ${runs.toFixed(1)} runs`}, of which ${runs.toFixed(runs % 1 ? 1 : 0)} × ${Math.round(sampling)} ns are the sampling`,
  });
}
