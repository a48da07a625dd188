import { ENDPOINTS } from '../src/forwarder/connection.js';
import { CONNECTION, CONNECTION_FLAGS } from '../src/forwarder/layout.js';
import { touch } from '../src/forwarder/load.js';
import { portAt } from '../src/forwarder/words.js';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from '../test/support/forwarder/bed.js';
import { buildNetwork, MAC, NEIGHBOURS } from '../test/support/forwarder/network.js';
import { frameBetween, type Part } from '../test/support/forwarder/segments.js';
import { buildFrame } from '../test/support/packets/frame.js';
import {
  mss,
  NOP,
  options,
  SACK_PERMITTED,
  timestamps,
  windowScale,
} from '../test/support/packets/options.js';
import { Random } from '../test/support/random.js';
import { type Ends, Feeder, type Step, type Target } from './feeder.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

const LISTEN = { address: '198.51.100.10', port: 443 } as const;
const BACKEND_PORT = 8443;
const LOCALS = ['10.1.0.10', '10.1.0.11', '10.1.0.12', '10.1.0.13', '10.1.0.14'] as const;

/** What the forwarder's program may take, in nanoseconds; `flat` is a ratio. */
const GOALS = { one: 150, most: 300, opened: 1_000, short: 2_500, flat: 0.5 } as const;

const ISN = { client: 1000, backend: 5_000_000 } as const;
const SYN_OPTIONS = options(mss(1460), SACK_PERMITTED, timestamps(1, 0), NOP, windowScale(7));
const OPTIONS = options(NOP, NOP, timestamps(2, 3));
const ACK = FLAG.ACK;
const DATA = { flags: FLAG.ACK | FLAG.PSH, payload: Buffer.from('x') } as const;

/** A client's segment of any connection: the feeder fills in whose. */
function up(part: Part): Step {
  const seq = ISN.client + 1;
  const ack = ISN.backend + 1;
  const of = { flags: ACK, options: OPTIONS, seq, ack, ...part };
  const anybody = { address: '100.64.0.1', port: 1 };
  return { frame: buildFrame(frameBetween(anybody, LISTEN, of, MAC.clientRouter, MAC.clients)) };
}

/** A backend's, likewise. */
function down(part: Part): Step {
  const seq = ISN.backend + 1;
  const ack = ISN.client + 1;
  const of = { flags: ACK, options: OPTIONS, seq, ack, ...part };
  const from = { address: '10.1.1.1', port: BACKEND_PORT };
  const to = { address: LOCALS[0], port: 1 };
  return { frame: buildFrame(frameBetween(from, to, of, MAC.backends, MAC.backends)), fromBackend: true };
}

const SYN = up({ flags: FLAG.SYN, seq: ISN.client, ack: 0, options: SYN_OPTIONS });
const SYN_ACK = down({ flags: FLAG.SYN | ACK, seq: ISN.backend, options: SYN_OPTIONS });
const ANSWERED = { ack: ISN.backend + 2 } as const;

/** From the SYN to the last acknowledgement, one request and one answer between them. */
const SHORT: readonly Step[] = [
  SYN,
  { ...SYN_ACK, answersSyn: true },
  up({}),
  up(DATA),
  down({ ack: ISN.client + 2 }),
  down({ ...DATA, ack: ISN.client + 2 }),
  up({ ...ANSWERED, seq: ISN.client + 2 }),
  up({ ...ANSWERED, seq: ISN.client + 2, flags: FLAG.FIN | ACK }),
  down({ seq: ISN.backend + 2, ack: ISN.client + 3, flags: FLAG.FIN | ACK }),
  up({ seq: ISN.client + 3, ack: ISN.backend + 3 }),
  down({ seq: ISN.backend + 3, ack: ISN.client + 3 }),
];

/** Client number N, of millions. */
function client(number: number): Ends {
  return { client: 0x64400000 + Math.floor(number / 50_000), clientPort: 1024 + (number % 50_000) };
}

/** What the forwarder's program costs, frame by frame, beside programs that do hardly anything. */
export async function measureForwarderPackets(scale: Scale, say: (what: string) => void): Promise<Figure[]> {
  await using _network = await buildNetwork();
  return [...established(scale, say), ...opened(scale, say), ...short(scale, say)];
}

function newBed(slots: number): PacketBed {
  const bed = new PacketBed({ slots, embryos: slots, locals: LOCALS });
  bed.addService({
    listen: LISTEN,
    backends: NEIGHBOURS.map((number) => ({ address: `10.1.1.${number}`, port: BACKEND_PORT })),
  });
  touch(bed.object);
  return bed;
}

function established(
  { packets: { rounds, frames, connections } }: Scale,
  say: (what: string) => void,
): Figure[] {
  const most = connections.at(-1)!;
  say(`segments of up to ${most.toLocaleString('en-US')} connections`);
  using bed = newBed(Math.ceil(most * 1.25));
  using feeder = new Feeder(bed.object, most, 'clients');
  const measure = metered(bed, feeder, rounds, frames);
  openAll(bed, feeder, connections);

  const figures: Figure[] = [];
  const segments = { 'a client’s segment': up(ANSWERED), 'a backend’s segment': down({}) } as const;
  feeder.setCourse([up(ANSWERED)], 1);
  for (const [target, name] of [
    ['swap_macs', 'a program that only swaps MAC addresses'],
    ['look_up_route', 'a program that only looks a route up'],
  ] as const)
    figures.push(packetFigure(name, measure(target), {}));
  for (const [name, step] of Object.entries(segments)) {
    const byCount = connections.map((count) => {
      feeder.setCourse([step], count);
      return {
        count,
        samples: measure('forwarder'),
        found: measure('find_connection'),
        read: measure('read_line'),
      };
    });
    for (const { count, samples, found, read } of byCount) {
      const goal = count === 1 ? GOALS.one : count === most ? GOALS.most : undefined;
      const [finding, reading] = [found, read].map((floor) => Math.round(summarize(floor).median));
      const detail =
        `a program that only finds the connection: ${finding} ns; ` +
        `one that only reads one of as many cache lines: ${reading} ns`;
      figures.push(packetFigure(`${name}, ${counted(count)}`, samples, { goal, detail }));
    }
    figures.push(flatness(name, byCount.find(({ count }) => count === 1_000)!.samples, byCount.at(-1)!));
  }
  return figures;
}

/** How the cost holds with many connections: 1 is none, one half is twice the cost. */
function flatness(
  name: string,
  few: readonly number[],
  most: { count: number; samples: readonly number[] },
): Figure {
  const base = summarize(few).median;
  return figure({
    group: 'packets',
    name: `${name}: 1,000 connections over ${counted(most.count)}`,
    unit: 'ratio',
    goal: GOALS.flat,
    samples: most.samples.map((sample) => base / sample),
    detail: 'the median with 1,000 connections over each sample with the most',
  });
}

function opened({ packets: { rounds, frames } }: Scale, say: (what: string) => void): Figure[] {
  say('new connections, one segment each');
  const each = Math.min(frames, 20_000);
  const clients = each * rounds;
  using bed = newBed(clients);
  using feeder = new Feeder(bed.object, clients, 'clients');
  for (let number = 0; number < clients; number++) feeder.setEnds(number, client(number));
  feeder.setCourse([SYN], clients);
  const samples = metered(bed, feeder, rounds, each)('forwarder');
  return [packetFigure('a new connection’s SYN', samples, { goal: GOALS.opened })];
}

function short({ packets: { rounds, frames } }: Scale, say: (what: string) => void): Figure[] {
  say(`short connections, ${SHORT.length} segments each`);
  const clients = 50_000;
  using bed = newBed(32_768);
  using feeder = new Feeder(bed.object, clients, 'clients');
  for (let number = 0; number < clients; number++) feeder.setEnds(number, client(number));
  feeder.setCourse(SHORT, clients, true);
  const whole = Math.floor(frames / SHORT.length) * SHORT.length;
  const samples = metered(bed, feeder, rounds, whole)('forwarder').map((one) => one * SHORT.length);
  const perSecond = Math.round(1e9 / summarize(samples).median / 1000) * 1000;
  return [
    packetFigure(`a short connection, all of its ${SHORT.length} segments`, samples, {
      goal: GOALS.short,
      detail: `${perSecond.toLocaleString('en-US')} connections per second of one core’s program time`,
    }),
  ];
}

/** Measures a program in turns with one that does nothing; nanoseconds for a frame, feeding taken off. */
function metered(
  bed: PacketBed,
  feeder: Feeder,
  rounds: number,
  frames: number,
): (target: Target) => number[] {
  return (target) =>
    Array.from({ length: rounds }, () => {
      const before = forwarded(bed);
      const feeding = feeder.run('nothing', frames);
      const both = feeder.run(target, frames);
      if (target === 'forwarder' && forwarded(bed) - before !== frames)
        throw new Error(`not every frame was forwarded: ${JSON.stringify(bed.counts())}`);
      return both - feeding;
    });
}

function forwarded(bed: PacketBed): number {
  const { toBackend = 0, toClient = 0 } = bed.counts();
  return toBackend + toClient;
}

/** Opens connections, and has the feeder visit them in random order: as many as the greatest of the counts. */
function openAll(bed: PacketBed, feeder: Feeder, counts: readonly number[]): void {
  const count = counts.at(-1)!;
  for (let number = 0; number < count; number++) feeder.setEnds(number, client(number));
  feeder.setCourse([SYN], count);
  feeder.run('forwarder', count);
  const { table } = bed;
  const used = Array.from({ length: table.length }, (_, slot) => slot).filter(
    (slot) => table.word(slot, CONNECTION.flags) & CONNECTION_FLAGS.open,
  );
  if (used.length !== count) throw new Error(`${used.length} of ${count} connections were opened`);
  shuffle(used, counts);
  const ipv4 = (slot: number, at: number): number => table.read(slot, at + 12, 4).readUInt32BE();
  for (const [at, slot] of used.entries())
    feeder.setEnds(at, {
      client: ipv4(slot, ENDPOINTS.sender.address),
      clientPort: portAt(table, slot, ENDPOINTS.sender.port),
      local: ipv4(slot, ENDPOINTS.local.address),
      localPort: portAt(table, slot, ENDPOINTS.local.port),
      backend: ipv4(slot, ENDPOINTS.backend.address),
    });
  for (const step of [SYN_ACK, up({}), down(DATA), up(ANSWERED)]) {
    feeder.setCourse([step], count);
    feeder.run('forwarder', count);
  }
}

/** Within the first so many, and then within those up to the next count: few connections lie side by side. */
function shuffle(slots: number[], counts: readonly number[]): void {
  const random = new Random(1);
  for (const [at, count] of counts.entries()) {
    const from = counts[at - 1] ?? 0;
    for (let left = count; left > from + 1; left--) {
      const other = from + random.below(left - from);
      [slots[left - 1], slots[other]] = [slots[other]!, slots[left - 1]!];
    }
  }
}

function packetFigure(
  name: string,
  samples: readonly number[],
  { goal, detail = '' }: { readonly goal?: number | undefined; readonly detail?: string },
): Figure {
  return figure({ group: 'packets', name, unit: 'ns', samples, detail, ...(goal !== undefined && { goal }) });
}

function counted(connections: number): string {
  return connections === 1 ? 'one connection' : `${connections.toLocaleString('en-US')} connections`;
}
