import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attachedInterfaces, forwarderPlan, programOn } from '../src/forwarder/installation.js';
import { BPFFS } from '../src/kernel/bpffs.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { linkInfo, programById, programInfo } from '../src/kernel/info.js';
import { doNothing } from '../src/kernel/instructions.js';
import { NativeMemory } from '../src/kernel/memory.js';
import { LoadedObject } from '../src/kernel/object.js';
import { openPinned, pin } from '../src/kernel/pin.js';
import { loadInstructions, ProgramType } from '../src/kernel/program.js';
import { enableStatistics } from '../src/kernel/statistics.js';
import { runOnPacket } from '../src/kernel/test-run.js';
import type { Host } from '../src/lab/host.js';
import { CONTENDERS, type Contender } from './contenders.js';
import { FEED_OBJECT } from './feeder.js';
import { type Figure, figure } from './figure.js';
import type { ForwarderBed } from './forwarder-bed.js';
import { SMALL } from './proxy-bed.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';
import { runWrk } from './wrk.js';

/** For a whole short connection, in nanoseconds. */
const GOAL = 2_500;

/** Enough for a stable mean of an empty program. */
const EMPTY_RUNS = 200_000;
const FRAME_BYTES = 64;

/**
 * What the program takes for a whole connection with one small answer, all its segments both ways, by the kernel's
 * statistics while real ones pass; without what the statistics take themselves. Beside it, how much of that goes to a
 * program at a router that does nothing but look routes up.
 */
export async function measureConnectionTime(bed: ForwarderBed, scale: Scale['forwarder']): Promise<Figure> {
  using program = attachedProgram();
  using _statistics = enableStatistics();
  const sampling = emptyRun();
  const { samples, raw, segments } = await timed(bed, 'truepeer', program, sampling, scale);
  using watching = LoadedObject.load(FEED_OBJECT);
  const lookUp = watching.program('watch_routes');
  await attachAtBothEnds(bed.lab.host('router'), lookUp);
  const floor = await timed(bed, 'routing', lookUp, sampling, scale);
  const each = summarize(segments).median;
  const most = Math.round(1e6 / summarize(samples).median) * 1_000;
  return figure({
    group: 'forwarder',
    name: 'TruePeer’s program, a whole short connection',
    unit: 'ns',
    goal: GOAL,
    samples,
    raw: summarize(raw).median,
    detail:
      `${Math.round(summarize(raw).median)} ns raw in ${each.toFixed(1)} segments, of which ${each.toFixed(1)} × ` +
      `${Math.round(sampling)} ns are the sampling; ${most.toLocaleString('en-US')} connections a second of a core's ` +
      `program time; a program that only looks a route up: ${Math.round(summarize(floor.samples).median)} ns ` +
      `in ${summarize(floor.segments).median.toFixed(1)} segments`,
  });
}

/** Nanoseconds and segments of each connection, round by round. */
async function timed(
  bed: ForwarderBed,
  contender: Contender,
  program: Descriptor,
  sampling: number,
  { rounds, seconds }: Scale['forwarder'],
): Promise<Record<'samples' | 'raw' | 'segments', readonly number[]>> {
  const { address, port } = CONTENDERS[contender];
  const samples: number[] = [];
  const raw: number[] = [];
  const segments: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = programInfo(program);
    const { requests } = await runWrk(bed.client, `http://${address}:${port}${SMALL}`, {
      seconds,
      reuse: false,
    });
    const after = programInfo(program);
    const runs = Number(after.runCount - before.runCount) / requests;
    const time = Number(after.runTime - before.runTime) / requests;
    segments.push(runs);
    raw.push(time);
    samples.push(time - runs * sampling);
  }
  return { samples, raw, segments };
}

const ENDS = ['eth0', 'eth1'] as const;

/** By a pin, for the interfaces are in a network namespace of their own. */
async function attachAtBothEnds(host: Host, program: Descriptor): Promise<void> {
  const path = join(BPFFS, 'bench_watch_routes');
  pin(program, path);
  for (const end of ENDS) await host.run('ip', ['link', 'set', 'dev', end, 'xdpdrv', 'pinned', path]);
  unlinkSync(path);
}

function attachedProgram(): Descriptor {
  const [name] = attachedInterfaces();
  using link = openPinned(join(forwarderPlan().directory, programOn(name!).pin));
  return programById(linkInfo(link).programId);
}

/** Nanoseconds that the kernel counts for a program that does nothing. */
function emptyRun(): number {
  using empty = loadInstructions({ type: ProgramType.xdp }, doNothing(), 'bench_empty');
  using frame = new NativeMemory(FRAME_BYTES);
  runOnPacket(empty, frame, { repeat: EMPTY_RUNS });
  const { runTime, runCount } = programInfo(empty);
  return Number(runTime) / Number(runCount);
}
