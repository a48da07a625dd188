import { setTimeout } from 'node:timers/promises';
import { bootTimeNs } from '../kernel/clock.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { index, lookupPerCpu, update } from '../kernel/map.js';
import type { Installed } from './installed.js';

/** struct recorder of bpf/recorder.h, but for the size of a decision, which is the role's. */
export const RECORDER = { head: 0, slots: 8, slotCount: 128 } as const;

/** enum recorder_key */
const RINGS = { refused: 0, others: 1 } as const;

/** How long a follower is believed to be alive after it last said so. */
const LEASE_NS = 3_000_000_000n;
const POLL_MS = 100;

/** How a role's decisions are laid out and read. */
export interface DecisionFormat<Decision extends { readonly at: Date }> {
  /** Bytes of its struct decision, which begins with the sequence number and ends with it again. */
  readonly size: number;
  decode(bytes: Buffer): Decision;
}

/** Bytes of a role's struct recorder, which is what its map `recorders` holds. */
export function recorderSize(decisionSize: number): number {
  return RECORDER.slots + RECORDER.slotCount * decisionSize;
}

/**
 * The newest refusals, oldest first: at most 128 for each CPU. The kernel keeps them whether or not somebody reads.
 *
 * @throws KernelError
 */
export function recentRefusals<Decision extends { readonly at: Date }>(
  installed: Installed,
  format: DecisionFormat<Decision>,
): Decision[] {
  return newSince(installed.map('recorders'), RINGS.refused, [], format).decisions;
}

/**
 * Every decision from now on, until the signal. While somebody follows, and only then, the kernel records also those
 * that are no refusals.
 *
 * @param onMissed told how many decisions came too fast to be read.
 * @throws KernelError
 */
export async function* follow<Decision extends { readonly at: Date }>(
  installed: Installed,
  format: DecisionFormat<Decision>,
  signal: AbortSignal,
  onMissed: (count: number) => void,
): AsyncGenerator<Decision> {
  const recorders = installed.map('recorders');
  const rings = Object.values(RINGS).map((ring) => ({
    ring,
    heads: newSince(recorders, ring, [], format).heads,
  }));
  while (!signal.aborted) {
    renewLease(installed.map('follow_until'));
    // An abort ends the wait early; the loop sees it.
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    const fresh = rings.flatMap((ring) => {
      const news = newSince(recorders, ring.ring, ring.heads, format);
      ring.heads = news.heads;
      if (news.missed > 0) onMissed(news.missed);
      return news.decisions;
    });
    yield* fresh.sort(byTime);
  }
}

function renewLease(lease: Descriptor): void {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(bootTimeNs() + LEASE_NS);
  update(lease, index(0), value);
}

interface News<Decision> {
  readonly decisions: Decision[];
  /** How many decisions each CPU has ever written. */
  readonly heads: bigint[];
  readonly missed: number;
}

/** What one ring holds, on all CPUs, beyond the given heads (everything where none are given). */
function newSince<Decision extends { readonly at: Date }>(
  recorders: Descriptor,
  ring: number,
  heads: readonly bigint[],
  format: DecisionFormat<Decision>,
): News<Decision> {
  const perCpu = lookupPerCpu(recorders, index(ring), recorderSize(format.size));
  const decisions: Decision[] = [];
  let missed = 0;
  const newHeads = perCpu.map((recorder, cpu) => {
    const head = recorder.readBigUInt64LE(RECORDER.head);
    const oldest = head > BigInt(RECORDER.slotCount) ? head - BigInt(RECORDER.slotCount) : 0n;
    const from = heads[cpu] ?? oldest;
    if (oldest > from) missed += Number(oldest - from);
    for (let number = from > oldest ? from : oldest; number < head; number++) {
      const slot = RECORDER.slots + format.size * Number(number % BigInt(RECORDER.slotCount));
      const bytes = recorder.subarray(slot, slot + format.size);
      if (isWhole(bytes, number + 1n)) decisions.push(format.decode(bytes));
      else missed++;
    }
    return head;
  });
  return { decisions: decisions.sort(byTime), heads: newHeads, missed };
}

/** The writer does not wait for readers: a slot it was at has two different numbers, or a newer one. */
function isWhole(decision: Buffer, sequence: bigint): boolean {
  return (
    decision.readBigUInt64LE(0) === sequence && decision.readBigUInt64LE(decision.length - 8) === sequence
  );
}

function byTime(a: { readonly at: Date }, b: { readonly at: Date }): number {
  return a.at.getTime() - b.at.getTime();
}
