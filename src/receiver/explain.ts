import { wallClock } from '../kernel/clock.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { type DecisionFormat, follow, recentRefusals as refusalsOf } from '../lifecycle/recorder.js';
import { endpointAt } from '../lifecycle/sockets.js';
import { describeOption, type Endpoint, splitOptions } from '../wire/index.js';
import { DECISION } from './layout.js';
import { type OutcomeName, outcomeOf } from './outcomes.js';
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

/**
 * The newest refusals, oldest first: at most 128 for each CPU. The kernel keeps them whether or not somebody reads.
 *
 * @throws NotAttachedError, PrivilegeError, KernelError
 */
export function recentRefusals(): Decision[] {
  using installed = requireInstalled(RECEIVER);
  return refusalsOf(installed, FORMAT);
}

/**
 * Every decision from now on, until the signal: refusals and all others. While somebody follows, and only then, the
 * kernel records the others too.
 *
 * @param onMissed told how many decisions came too fast to be read.
 * @throws NotAttachedError, PrivilegeError, KernelError
 */
export async function* followDecisions(
  signal: AbortSignal,
  onMissed: (count: number) => void = () => {},
): AsyncGenerator<Decision> {
  using installed = requireInstalled(RECEIVER);
  yield* follow(installed, FORMAT, signal, onMissed);
}

/** @param bytes struct decision */
export function decodeDecision(bytes: Buffer): Decision {
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
    peer: endpointAt(bytes, DECISION.peer, bytes.readUInt16BE(DECISION.peerPort)),
    local: endpointAt(bytes, DECISION.local, bytes.readUInt16BE(DECISION.localPort)),
    options: options.toString('hex'),
    described: slices.map((slice) => describeOption(slice, syn)),
    ...(points ? { about: describeOption(about, syn) } : {}),
    syn,
  };
}

const FORMAT: DecisionFormat<Decision> = { size: DECISION.size, decode: decodeDecision };
