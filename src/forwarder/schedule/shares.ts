import { Heap } from './heap.js';

/**
 * Divides places by weight, each weight at least one: what is left after whole shares goes, place by place, to whom it
 * brings nearest to its due (Webster's method).
 *
 * @param weights all positive, and not more of them than places.
 * @returns places by weight, which sum up to `places`.
 */
export function divide(weights: readonly number[], places: number): Uint32Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const spare = places - weights.length;
  const shares = Uint32Array.from(weights, (weight) => Math.max(1, Math.floor((spare * weight) / sum)));
  return addShares(weights, shares, places);
}

/**
 * Gives more places to those who have some already, as evenly by weight as can be without taking any away: for equal
 * weights, nobody who is given one has two more than another then.
 */
export function addShares(weights: readonly number[], shares: Uint32Array, places: number): Uint32Array {
  const result = shares.slice();
  let left = places - shares.reduce((total, share) => total + share, 0);
  if (left <= 0) return result;
  const next = new Heap(weights.length);
  const claim = (at: number) => next.push(at, (result[at]! + 0.5) / weights[at]!);
  for (let at = 0; at < weights.length; at++) claim(at);
  for (; left > 0; left--) {
    const at = next.pop();
    result[at]!++;
    claim(at);
  }
  return result;
}
