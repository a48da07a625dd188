import { Heap } from './heap.js';

/**
 * Puts everybody's turns into one sequence, evenly spaced: with `length` the sum of all turns, the k-th turn (from 0) of
 * one who has n stands between k * length / n and (k + 1) * length / n. Earliest deadline first meets all these windows
 * (Baruah, Cohen, Plaxton, Varvel: Proportionate Progress, 1996).
 *
 * @param turns how many each has; positive.
 * @returns whose turn it is, by index into `turns`.
 */
export function interleave(turns: Uint32Array): Uint32Array {
  const length = turns.reduce((sum, count) => sum + count, 0);
  const sequence = new Uint32Array(length);
  const taken = new Uint32Array(turns.length);
  // Those whose window opens at a position, as lists through `next`: one more than the index, 0 ends a list.
  const opening = new Uint32Array(length);
  const next = new Uint32Array(turns.length);
  const ready = new Heap(turns.length);
  const windowEnd = (at: number) => Math.ceil(((taken[at]! + 1) * length) / turns[at]!);
  for (let at = 0; at < turns.length; at++) ready.push(at, windowEnd(at));

  for (let position = 0; position < length; position++) {
    for (let one = opening[position]!; one !== 0; one = next[one - 1]!)
      ready.push(one - 1, windowEnd(one - 1));
    const at = ready.pop();
    sequence[position] = at;
    taken[at]!++;
    if (taken[at] === turns[at]) continue;
    const opens = Math.floor((taken[at]! * length) / turns[at]!);
    if (opens <= position) {
      ready.push(at, windowEnd(at));
      continue;
    }
    next[at] = opening[opens]!;
    opening[opens] = at + 1;
  }
  return sequence;
}
