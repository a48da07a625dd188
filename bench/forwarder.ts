import { ALL, CONTENDERS, type Contender } from './contenders.js';
import { type Figure, figure } from './figure.js';
import { type ForwarderBed, openForwarderBed } from './forwarder-bed.js';
import { latency, RATES, type Taken } from './forwarder-load.js';
import { measureConnectionTime } from './forwarder-program.js';
import { measureReloadTime } from './reload-time.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

/** Of plain routing. */
const GOAL = 0.9;

type Round = Readonly<Record<Contender, Taken>>;

/** What TruePeer's forwarder is to be ahead of. */
const PROXIES: readonly Contender[] = ['haproxy', 'haproxyV2', 'nginx'];

/**
 * The forwarder beside plain routing, NAT by nftables and proxies: what each leaves of plain routing. All take turns, in
 * one run.
 *
 * @param say told what is measured next.
 */
export async function measureForwarder(scale: Scale, say: (what: string) => void): Promise<Figure[]> {
  say('the reload of a large configuration');
  // Before the bed, for there is one forwarder at a time.
  const reload = await measureReloadTime(scale);
  await using bed = await openForwarderBed();
  const { forwarder } = scale;
  const figures: Figure[] = [];
  for (const { name, unit, run } of RATES) {
    say(`${name} through the forwarder and what it is compared with`);
    const rounds = await takeTurns(bed, forwarder.rounds, (contender) => run(bed, contender, forwarder));
    const rate = (contender: Contender) => {
      const { median } = summarize(rounds.map((round) => 1e6 / round[contender]!.busy!));
      return Math.round(median).toLocaleString('en-US');
    };
    figures.push(
      ...compare(rounds, 'busy', name, (contender) => {
        const clock = summarize(ratios(rounds, contender, 'elapsed')).median.toFixed(3);
        return `${rate(contender)} ${unit} of a core, ${rate('routing')} by plain routing; by the clock ${clock}`;
      }),
    );
  }
  say('latency through the forwarder and what it is compared with');
  const rounds = await takeTurns(bed, forwarder.rounds, (contender) => latency(bed, contender, forwarder));
  for (const [key, name] of [
    ['p50', 'median latency'],
    ['p99', '99th percentile of latency'],
  ] as const) {
    const time = (contender: Contender) =>
      `${Math.round(summarize(rounds.map((round) => round[contender]![key]!)).median)} µs`;
    figures.push(
      ...compare(rounds, key, name, (contender) => `${time(contender)}, ${time('routing')} by plain routing`),
    );
  }
  say("what the forwarder's program takes, by the kernel's statistics");
  return [...figures, await measureConnectionTime(bed, forwarder), reload];
}

/** Does the same through every contender, round after round; who goes first takes turns as well. */
async function takeTurns(
  bed: ForwarderBed,
  count: number,
  work: (contender: Contender) => Promise<Taken>,
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let at = 0; at < count; at++) {
    const taken: Partial<Record<Contender, Taken>> = {};
    const first = at % ALL.length;
    for (const contender of [...ALL.slice(first), ...ALL.slice(0, first)])
      taken[contender] = await bed.checked(contender, () => work(contender));
    rounds.push(taken as Round);
  }
  return rounds;
}

function ratios(rounds: readonly Round[], contender: Contender, key: string): number[] {
  return rounds.map((round) => round.routing[key]! / round[contender][key]!);
}

function compare(
  rounds: readonly Round[],
  key: string,
  called: string,
  describe: (contender: Contender) => string,
): Figure[] {
  const overProxies = rounds.map(
    (round) => Math.min(...PROXIES.map((proxy) => round[proxy][key]!)) / round.truepeer[key]!,
  );
  const ahead = `${summarize(overProxies).median.toFixed(2)} of the best proxy`;
  return ALL.filter((contender) => contender !== 'routing').map((contender) => {
    const isOurs = contender === 'truepeer';
    return figure({
      group: 'forwarder',
      name: `${CONTENDERS[contender].name}, ${called}`,
      unit: 'ratio',
      ...(isOurs && { goal: GOAL }),
      samples: ratios(rounds, contender, key),
      detail: isOurs ? `${describe(contender)}; ${ahead}` : describe(contender),
    });
  });
}
