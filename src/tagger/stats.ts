import type { Descriptor } from '../kernel/descriptor.js';
import { index, lookupPerCpu } from '../kernel/map.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { TAGGER_COUNTERS } from './layout.js';
import { TAG_OUTCOMES, type TagOutcomeName } from './outcomes.js';
import { taggerPlan } from './plan.js';

/** What a tagger has counted since it was first attached; upgrades in place count on. */
export interface TaggerStats {
  /** Connections the cgroup began to open. */
  readonly opened: bigint;
  /** How they ended up; those of which it is not clear yet are in none. */
  readonly outcomes: Readonly<Record<TagOutcomeName, bigint>>;
  /** bind() calls by what was made of them. */
  readonly binds: {
    readonly client: bigint;
    /** Left alone: one of the host's own addresses. */
    readonly local: bigint;
    /** Left alone: the host has more addresses than are looked at. */
    readonly unchecked: bigint;
    /** Left alone: the kernel could not store the client. */
    readonly noMemory: bigint;
  };
  /** Options written, by segment. */
  readonly written: { readonly syn: bigint; readonly ack: bigint; readonly data: bigint };
  /** Segments on which the option did not fit. */
  readonly noRoom: bigint;
}

/** @throws NotAttachedError, PrivilegeError, CgroupError, KernelError */
export function readTaggerStats(cgroup: string): TaggerStats {
  using installed = requireInstalled(taggerPlan(cgroup));
  return taggerStatsOf(installed.map('counters'));
}

export function taggerStatsOf(counters: Descriptor): TaggerStats {
  const perCpu = lookupPerCpu(counters, index(0), TAGGER_COUNTERS.size);
  const sum = (at: number) => perCpu.reduce((total, values) => total + values.readBigUInt64LE(at), 0n);
  return {
    opened: sum(TAGGER_COUNTERS.opened),
    outcomes: Object.fromEntries(
      TAG_OUTCOMES.map(({ name, code }) => [name, sum(TAGGER_COUNTERS.outcomes + 8 * code)]),
    ) as Record<TagOutcomeName, bigint>,
    binds: {
      client: sum(TAGGER_COUNTERS.binds),
      local: sum(TAGGER_COUNTERS.bindsLocal),
      unchecked: sum(TAGGER_COUNTERS.bindsUnchecked),
      noMemory: sum(TAGGER_COUNTERS.bindsNoMemory),
    },
    written: {
      syn: sum(TAGGER_COUNTERS.writtenSyn),
      ack: sum(TAGGER_COUNTERS.writtenAck),
      data: sum(TAGGER_COUNTERS.writtenData),
    },
    noRoom: sum(TAGGER_COUNTERS.noRoom),
  };
}
