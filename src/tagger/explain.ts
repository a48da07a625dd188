import { wallClock } from '../kernel/clock.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { type DecisionFormat, follow, recentRefusals } from '../lifecycle/recorder.js';
import { endpointAt } from '../lifecycle/sockets.js';
import type { Endpoint } from '../wire/index.js';
import { segmentsOf } from './connections.js';
import { TAG_DECISION } from './layout.js';
import { type TagOutcomeName, tagOutcomeOf } from './outcomes.js';
import { taggerPlan } from './plan.js';
import type { TaggedSegment } from './settings.js';

/** Why one connection was, or was not, tagged. */
export interface TagDecision {
  readonly at: Date;
  readonly outcome: TagOutcomeName;
  /** Absent where the connection was not bound to one. */
  readonly client?: Required<Endpoint>;
  readonly backend: Required<Endpoint>;
  /** The segments that had carried the option by then. */
  readonly written: readonly TaggedSegment[];
}

const FORMAT: DecisionFormat<TagDecision> = { size: TAG_DECISION.size, decode: decodeTagDecision };

/**
 * The newest connections that had a client and went untagged, oldest first: at most 128 for each CPU.
 *
 * @throws NotAttachedError, PrivilegeError, CgroupError, KernelError
 */
export function recentUntagged(cgroup: string): TagDecision[] {
  using installed = requireInstalled(taggerPlan(cgroup));
  return recentRefusals(installed, FORMAT);
}

/**
 * Every decision from now on, until the signal.
 *
 * @param onMissed told how many decisions came too fast to be read.
 * @throws NotAttachedError, PrivilegeError, CgroupError, KernelError
 */
export async function* followTagDecisions(
  cgroup: string,
  signal: AbortSignal,
  onMissed: (count: number) => void = () => {},
): AsyncGenerator<TagDecision> {
  using installed = requireInstalled(taggerPlan(cgroup));
  yield* follow(installed, FORMAT, signal, onMissed);
}

/** @param bytes struct decision of bpf/tagger.h */
export function decodeTagDecision(bytes: Buffer): TagDecision {
  const outcome = tagOutcomeOf(bytes[TAG_DECISION.outcome]!).name;
  const client = endpointAt(bytes, TAG_DECISION.client, bytes.readUInt16BE(TAG_DECISION.clientPort));
  return {
    at: wallClock(bytes.readBigUInt64LE(TAG_DECISION.atNs)),
    outcome,
    ...(outcome === 'no-client' ? {} : { client }),
    backend: endpointAt(bytes, TAG_DECISION.backend, bytes.readUInt16BE(TAG_DECISION.backendPort)),
    written: segmentsOf(bytes[TAG_DECISION.written]!),
  };
}
