import type { Effort } from './bed.js';
import { type Figure, figure } from './figure.js';
import { PORTS, PROXIES, type ProxyName, VERSIONS } from './proxies.js';
import { openProxyBed, type ProxyBed } from './proxy-bed.js';
import { loadBulk, loadConnections } from './proxy-load.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';
import { measureTaggerPrograms } from './tagger-programs.js';
import { WAYS, type WayName } from './ways.js';

type Efforts = Readonly<Record<WayName, Effort[]>>;

/** What is measured, of each proxy. */
const LOADS = [
  { name: 'connections', goal: 0.97, unit: 'a second' },
  { name: 'bulk', goal: 0.99, unit: 'MB a second' },
] as const;
type Load = (typeof LOADS)[number];

/**
 * What each way for the backend to know the client leaves of a proxy's connections per second and throughput: over the
 * same proxy without any. All take turns, in one run.
 *
 * @param say told what is measured next.
 */
export async function measureTagger(
  { proxyConnections, proxyBulk }: Scale,
  say: (what: string) => void,
): Promise<Figure[]> {
  await using bed = await openProxyBed();
  const loads = {
    connections: (port: number) => loadConnections(bed, port, proxyConnections.connections),
    bulk: (port: number) => loadBulk(bed, port, proxyBulk.answers),
  };
  const rounds = { connections: proxyConnections.rounds, bulk: proxyBulk.rounds };
  const figures = [...(await measureTaggerPrograms(bed, proxyConnections))];
  for (const load of LOADS)
    for (const proxy of PROXIES) {
      say(`${load.name} through ${proxy}`);
      const efforts = await takeTurns(bed, proxy, loads[load.name], rounds[load.name]);
      figures.push(...compare(proxy, load, efforts));
    }
  return figures;
}

/** Who goes first takes turns as well. */
async function takeTurns(
  bed: ProxyBed,
  proxy: ProxyName,
  load: (port: number) => Promise<Effort>,
  rounds: number,
): Promise<Efforts> {
  const names = Object.keys(WAYS) as WayName[];
  const efforts = Object.fromEntries(names.map((name) => [name, [] as Effort[]])) as Record<
    WayName,
    Effort[]
  >;
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      const { frontend, going } = WAYS[name];
      efforts[name].push(await going(bed, () => load(PORTS[proxy][frontend])));
    }
  return efforts;
}

function compare(proxy: ProxyName, { name, goal, unit }: Load, efforts: Efforts): Figure[] {
  const ratios = (way: WayName, of: keyof Effort) =>
    efforts[way].map((effort, round) => efforts.neither[round]![of] / effort[of]);
  const rate = (way: WayName) => {
    const { median } = summarize(efforts[way].map(({ busy }) => 1e6 / busy));
    return Math.round(median).toLocaleString('en-US');
  };
  const over = (way: WayName, called: string, wanted?: number) =>
    figure({
      group: 'proxies',
      name: `${proxy} with ${called}, ${name}`,
      unit: 'ratio',
      ...(wanted === undefined ? {} : { goal: wanted }),
      samples: ratios(way, 'busy'),
      detail: `${rate(way)} ${unit} of a core, ${rate('neither')} with neither; by the clock ${summarize(ratios(way, 'elapsed')).median.toFixed(3)}`,
    });
  return [
    over('tagger', 'tagger', goal),
    over('floor', 'the least in its place'),
    over('own', 'a bind to its own address'),
    over('both', 'tagger and receiver'),
    over('protocol', `PROXY ${VERSIONS[proxy]}`),
    over('again', 'neither, once more'),
  ];
}
