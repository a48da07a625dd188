import { index, lookupPerCpu } from '../kernel/map.js';
import { type Installed, requireInstalled } from '../lifecycle/installed.js';
import { COUNTERS } from './layout.js';
import { OUTCOMES, type OutcomeName } from './outcomes.js';
import { RECEIVER } from './plan.js';

/** What the receiver has counted since it was first attached; upgrades in place count on. */
export interface ReceiverStats {
  /** Connections established; the sum of all outcomes. */
  readonly established: bigint;
  readonly outcomes: Readonly<Record<OutcomeName, bigint>>;
  /** getpeername() and accept(), by how they were answered. */
  readonly peername: {
    readonly client: bigint;
    /** The client is known and the socket's address family cannot say it. */
    readonly mismatch: bigint;
    readonly transport: bigint;
    /** Sockets that are not TCP. */
    readonly other: bigint;
  };
  /** getsockopt() calls that the receiver answered. */
  readonly sockopt: bigint;
}

/** @throws NotAttachedError, PrivilegeError, KernelError */
export function readStats(): ReceiverStats {
  using installed = requireInstalled(RECEIVER);
  return statsOf(installed);
}

export function statsOf(installed: Installed): ReceiverStats {
  const perCpu = lookupPerCpu(installed.map('counters'), index(0), COUNTERS.size);
  const sum = (at: number) => perCpu.reduce((total, values) => total + values.readBigUInt64LE(at), 0n);
  const outcomes = OUTCOMES.map(({ name, code }) => [name, sum(COUNTERS.outcomes + 8 * code)]);
  return {
    established: sum(COUNTERS.established),
    outcomes: Object.fromEntries(outcomes),
    peername: {
      client: sum(COUNTERS.peernameClient),
      mismatch: sum(COUNTERS.peernameMismatch),
      transport: sum(COUNTERS.peernameTransport),
      other: sum(COUNTERS.peernameOther),
    },
    sockopt: sum(COUNTERS.sockoptAnswered),
  };
}

/**
 * The same under the names of the classic module's /proc/net/toa_stats, for scripts that read that.
 */
export function classicStats(stats: ReceiverStats): Record<string, bigint> {
  const tagged = stats.outcomes.tagged + stats.outcomes.nat64;
  return {
    syn_recv_sock_toa: tagged,
    syn_recv_sock_no_toa: stats.established - tagged,
    getname_toa_ok: stats.peername.client,
    getname_toa_mismatch: stats.peername.mismatch,
    getname_toa_bypass: stats.peername.other,
    getname_toa_empty: stats.peername.transport,
  };
}
