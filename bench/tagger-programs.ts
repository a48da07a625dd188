import { CgroupHook } from '../src/kernel/cgroup-link.js';
import { ProgramType } from '../src/kernel/program.js';
import { enableStatistics } from '../src/kernel/statistics.js';
import type { Attachable } from './attachable.js';
import { type Figure, figure } from './figure.js';
import { Meter, type Metered } from './meter.js';
import { PORTS, PROXIES, type ProxyName } from './proxies.js';
import type { ProxyBed } from './proxy-bed.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const HOOKS = [
  ['bind', CgroupHook.bind4, { type: ProgramType.sockAddr, attachType: CgroupHook.bind4 }],
  ['setsockopt', CgroupHook.setsockopt, { type: ProgramType.sockopt, attachType: CgroupHook.setsockopt }],
  ['sock_ops', CgroupHook.sockOps, { type: ProgramType.sockOps }],
] as const;

/** What was metered at each of the hooks, batch by batch. */
type Batches = Metered[][];

/**
 * What the tagger's programs take for a connection through a proxy, by the kernel's own statistics, and what the least
 * in their place takes.
 */
export async function measureTaggerPrograms(
  bed: ProxyBed,
  { rounds, connections }: Scale['proxyConnections'],
): Promise<Figure[]> {
  using _statistics = enableStatistics();
  const figures: Figure[] = [];
  for (const proxy of PROXIES) {
    const tagger: Batches = [];
    const floor: Batches = [];
    for (let round = 0; round < rounds; round++) {
      tagger.push(await meter(bed, bed.tagger, proxy, connections));
      floor.push(await meter(bed, bed.floor, proxy, connections));
    }
    figures.push(costOf(`the tagger's programs, ${proxy}`, tagger, connections));
    figures.push(costOf(`the least in their place, ${proxy}`, floor, connections));
  }
  return figures;
}

async function meter(
  bed: ProxyBed,
  programs: Attachable,
  proxy: ProxyName,
  connections: number,
): Promise<Metered[]> {
  using _attached = programs.attach();
  const meters = HOOKS.map(([, hook, kind]) => new Meter(programs.cgroup, hook, kind));
  try {
    return await duringAll(meters, () => bed.requests.ask(PORTS[proxy].bind, connections));
  } finally {
    for (const meter of meters) meter[Symbol.dispose]();
  }
}

/** What each of these counted while something was done. */
async function duringAll(
  [meter, ...others]: readonly Meter[],
  work: () => Promise<unknown>,
): Promise<Metered[]> {
  if (meter === undefined) {
    await work();
    return [];
  }
  let rest: Metered[] = [];
  const metered = await meter.during(async () => {
    rest = await duringAll(others, work);
  });
  return [metered, ...rest];
}

function costOf(name: string, batches: Batches, connections: number): Figure {
  const parts = HOOKS.map(([called], at) => {
    const median = (of: (metered: Metered) => number) =>
      summarize(batches.map((batch) => of(batch[at]!) / connections)).median;
    const runs = median((metered) => metered.runs);
    return `${called} ${Math.round(median(net))} ns in ${runs.toFixed(runs % 1 ? 1 : 0)}`;
  });
  return figure({
    group: 'proxies',
    name,
    unit: 'ns',
    samples: batches.map((batch) => batch.reduce((sum, metered) => sum + net(metered), 0) / connections),
    detail: `of a connection: ${parts.join(', ')} runs`,
  });
}

/** Without what the statistics themselves take. */
function net({ measured, empty }: Metered): number {
  return measured - empty;
}
