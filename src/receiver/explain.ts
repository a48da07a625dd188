import { bootTimeNs, wallClock } from '../kernel/clock.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { index, lookupPerCpu, update } from '../kernel/map.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { describeOption, type Endpoint, formatAddress, splitOptions } from '../wire/index.js';
import { DECISION, RECORDER, RECORDERS } from './layout.js';
import { type OutcomeName, outcomeOf } from './outcomes.js';
import { pause } from './pause.js';
import { RECEIVER } from './plan.js';

/** Why one connection was, or was not, believed to come from the client it names. */
export interface Decision {
  readonly at: Date;
  readonly outcome: OutcomeName;
  readonly peer: Endpoint;
  readonly local: Endpoint;
  /** The segment's raw option bytes, in hexadecimal. */
  readonly options: string;
  /** What those are, one line an option. */
  readonly described: readonly string[];
  /** The option the outcome is about, where there is one. */
  readonly about?: string;
  /** Whether these are the options of the SYN. */
  readonly syn: boolean;
}

/** How long a follower is believed to be alive after it last said so. */
const LEASE_NS = 3_000_000_000n;

/**
 * The newest refusals, oldest first: at most 128 for each CPU. The kernel keeps them whether or not somebody reads.
 *
 * @throws NotAttachedError, KernelError
 */
export function recentRefusals(): Decision[] {
  using installed = requireInstalled(RECEIVER);
  return newSince(installed.map('recorders'), RECORDERS.refused, []).decisions;
}

/**
 * Every decision from now on, until the signal: refusals and all others. While somebody follows, and only then, the
 * kernel records the others too.
 *
 * @param onMissed told how many decisions came too fast to be read.
 * @throws NotAttachedError, KernelError
 */
export async function* followDecisions(
  signal: AbortSignal,
  onMissed: (count: number) => void = () => {},
): AsyncGenerator<Decision> {
  using installed = requireInstalled(RECEIVER);
  const recorders = installed.map('recorders');
  const lease = installed.map('follow_until');
  const heads = [RECORDERS.refused, RECORDERS.others].map((key) => newSince(recorders, key, []).heads);
  while (!signal.aborted) {
    renew(lease, bootTimeNs() + LEASE_NS);
    await pause(100, signal);
    const fresh: Decision[] = [];
    for (const [at, key] of [RECORDERS.refused, RECORDERS.others].entries()) {
      const news = newSince(recorders, key, heads[at]!);
      heads[at] = news.heads;
      fresh.push(...news.decisions);
      if (news.missed > 0) onMissed(news.missed);
    }
    yield* fresh.sort((a, b) => a.at.getTime() - b.at.getTime());
  }
}

function renew(lease: Descriptor, until: bigint): void {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(until);
  update(lease, index(0), value);
}

interface News {
  readonly decisions: Decision[];
  /** How many decisions each CPU has ever written. */
  readonly heads: bigint[];
  readonly missed: number;
}

/** What the recorders of all CPUs hold beyond the given heads (0 where none are given). */
function newSince(recorders: Descriptor, key: number, heads: readonly bigint[]): News {
  const perCpu = lookupPerCpu(recorders, index(key), RECORDER.size);
  const decisions: Decision[] = [];
  let missed = 0;
  const newHeads = perCpu.map((recorder, cpu) => {
    const head = recorder.readBigUInt64LE(RECORDER.head);
    const oldest = head > BigInt(RECORDER.slotCount) ? head - BigInt(RECORDER.slotCount) : 0n;
    const from = heads[cpu] ?? oldest;
    if (oldest > from) missed += Number(oldest - from);
    for (let number = from > oldest ? from : oldest; number < head; number++) {
      const slot = RECORDER.slots + DECISION.size * Number(number % BigInt(RECORDER.slotCount));
      const bytes = recorder.subarray(slot, slot + DECISION.size);
      if (isWhole(bytes, number + 1n)) decisions.push(decodeDecision(bytes));
      else missed++;
    }
    return head;
  });
  decisions.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { decisions, heads: newHeads, missed };
}

/** The writer does not wait for readers: a slot it was at has two different numbers, or a newer one. */
function isWhole(decision: Buffer, sequence: bigint): boolean {
  return (
    decision.readBigUInt64LE(DECISION.sequence) === sequence &&
    decision.readBigUInt64LE(DECISION.sequenceEnd) === sequence
  );
}

/** @param bytes struct decision */
export function decodeDecision(bytes: Buffer): Decision {
  const endpoint = (address: number, port: number): Endpoint => ({
    address: formatAddress(bytes.subarray(address, address + 16)),
    port: bytes.readUInt16BE(port),
  });
  const length = bytes[DECISION.optionsLength]!;
  const options = bytes.subarray(DECISION.options, DECISION.options + length);
  const outcome = outcomeOf(bytes[DECISION.outcome]!);
  const syn = bytes[DECISION.syn] === 1;
  const slices = splitOptions(options);
  const about = slices.find(({ at }) => at === bytes[DECISION.optionAt]);
  const points = !['no-option', 'subflow'].includes(outcome.name) && about !== undefined;
  return {
    at: wallClock(bytes.readBigUInt64LE(DECISION.atNs)),
    outcome: outcome.name,
    peer: endpoint(DECISION.peer, DECISION.peerPort),
    local: endpoint(DECISION.local, DECISION.localPort),
    options: options.toString('hex'),
    described: slices.map((slice) => describeOption(slice, syn)),
    ...(points ? { about: describeOption(about, syn) } : {}),
    syn,
  };
}
