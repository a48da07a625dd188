import type { Effort } from './bed.js';
import { type Figure, figure } from './figure.js';
import { FRONTENDS, PROXIES, type ProxyName, VERSIONS, WAYS, type Way } from './proxies.js';
import { openProxyBed } from './proxy-bed.js';
import { loadBulk, loadConnections } from './proxy-load.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

type Efforts = Readonly<Record<Way, Effort[]>>;

/** What is measured, of each proxy. */
const LOADS = [
  { name: 'connections', goal: 0.97, unit: 'a second' },
  { name: 'bulk', goal: 0.99, unit: 'MB a second' },
] as const;

/**
 * What the way for the backend to know the client leaves of a proxy's connections per second and throughput: with
 * tagger and receiver, with the PROXY protocol, and with a bind that tells nothing, each over neither. All take turns, in
 * one run.
 *
 * @param say told what is measured next.
 */
export async function measureTagger(
  { proxyConnections, proxyBulk }: Scale,
  say: (what: string) => void,
): Promise<Figure[]> {
  await using bed = await openProxyBed();
  const loads = {
    connections: (port: number) => loadConnections(bed, port, proxyConnections.seconds),
    bulk: (port: number) => loadBulk(bed, port, proxyBulk.answers),
  };
  const rounds = { connections: proxyConnections.rounds, bulk: proxyBulk.rounds };
  const figures: Figure[] = [];
  for (const load of LOADS)
    for (const proxy of PROXIES) {
      say(`${load.name} through ${proxy}`);
      const efforts: Efforts = { tagger: [], proxy: [], bound: [], neither: [] };
      for (let round = 0; round < rounds[load.name]; round++)
        for (const way of turns(round))
          efforts[way].push(await bed.going(way, () => loads[load.name](FRONTENDS[proxy][way])));
      figures.push(...compare(proxy, load, efforts));
    }
  return figures;
}

/** Who goes first takes turns as well. */
function turns(round: number): Way[] {
  const first = round % WAYS.length;
  return [...WAYS.slice(first), ...WAYS.slice(0, first)];
}

function compare(proxy: ProxyName, load: (typeof LOADS)[number], efforts: Efforts): Figure[] {
  const ratios = (way: Way, of: keyof Effort) =>
    efforts[way].map((effort, round) => efforts.neither[round]![of] / effort[of]);
  const rate = (way: Way) => {
    const { median } = summarize(efforts[way].map(({ busy }) => 1e6 / busy));
    return Math.round(median).toLocaleString('en-US');
  };
  const over = (way: Way, called: string, goal?: number) =>
    figure({
      group: 'proxies',
      name: `${proxy} with ${called}, ${load.name}`,
      unit: 'ratio',
      ...(goal === undefined ? {} : { goal }),
      samples: ratios(way, 'busy'),
      detail: `${rate(way)} ${load.unit} of a core, ${rate('neither')} with neither; by the clock ${summarize(ratios(way, 'elapsed')).median.toFixed(3)}`,
    });
  return [
    over('tagger', 'tagger', load.goal),
    over('proxy', `PROXY ${VERSIONS[proxy]}`),
    over('bound', 'a bind to its own address'),
  ];
}
