import { addShares, divide } from './shares.js';

/** Who may stand in a table. */
export interface Candidate {
  /** What makes it the same one in every table, on every host. */
  readonly key: string;
  /** Positive. */
  readonly weight: number;
}

/** So many others are asked to take over an entry before whoever has the most room does. */
const ASKED = 32;

/**
 * Maglev's table (Eisenbud and others, NSDI 2016): each candidate has an order of its own in which it wants the entries,
 * and in turns, by weight, they take their next wish that is still there. So a table depends on who is in it and on
 * nothing else, and tables with one candidate more or less are mostly the same. Here everybody's number of entries is
 * given beforehand.
 *
 * @param size how many entries; a prime.
 * @returns index into `candidates` by entry
 */
export function maglevTable(candidates: readonly Candidate[], size: number): Uint32Array {
  const table = new Uint32Array(size);
  // Most looks find an entry gone. A bit for each lies in the nearest cache; the table of words lies in none.
  const taken = new Int32Array(Math.ceil(size / 32));
  const wish = Int32Array.from(candidates, ({ key }) => hash(key, 0x9e37_79b9) % size);
  const step = Int32Array.from(candidates, ({ key }) => (hash(key, 0x85eb_ca6b) % (size - 1)) + 1);
  const shares = divide(
    candidates.map(({ weight }) => weight),
    size,
  );
  const turns = inRounds(shares);
  for (let turn = 0; turn < turns.length; turn++) {
    const at = turns[turn]!;
    let entry = wish[at]!;
    const own = step[at]!;
    while ((taken[entry >> 5]! >> (entry & 31)) & 1) {
      // Round the end without a branch: a processor cannot guess that one, and this is most of the work.
      entry += own - size;
      entry += size & (entry >> 31);
    }
    taken[entry >> 5]! |= 1 << (entry & 31);
    table[entry] = at;
    wish[at] = entry;
  }
  return table;
}

/**
 * Whose turn it is, one after the other: there are as many rounds as the most turns that one has, and those with fewer
 * have theirs spread over them.
 */
function inRounds(turns: Uint32Array): Uint32Array {
  const rounds = turns.reduce((most, count) => Math.max(most, count), 0);
  const all = turns.reduce((sum, count) => sum + count, 0);
  const roundOf = new Uint32Array(all);
  const begins = new Uint32Array(rounds + 1);
  let seen = 0;
  for (const count of turns)
    for (let turn = 0; turn < count; turn++) {
      const round = Math.floor((turn * rounds) / count);
      roundOf[seen++] = round;
      begins[round + 1]!++;
    }
  for (let round = 0; round < rounds; round++) begins[round + 1]! += begins[round]!;
  const sequence = new Uint32Array(all);
  seen = 0;
  for (let at = 0; at < turns.length; at++)
    for (let turn = turns[at]!; turn > 0; turn--) sequence[begins[roundOf[seen++]!]!++] = at;
  return sequence;
}

/**
 * The table while some candidates cannot be had. No entry of another's changes; theirs are handed on, as evenly by
 * weight as can be.
 *
 * @param isThere whether a candidate can be had, by index; at least one can.
 */
export function withoutAbsent(
  table: Uint32Array,
  candidates: readonly Candidate[],
  isThere: (at: number) => boolean,
): Uint32Array {
  const present = candidates.map((_, at) => at).filter(isThere);
  if (present.length === candidates.length) return table;
  const owned = new Uint32Array(candidates.length);
  for (const at of table) owned[at]!++;
  const have = Uint32Array.from(present, (at) => owned[at]!);
  const shall = addShares(
    present.map((at) => candidates[at]!.weight),
    have,
    table.length,
  );
  const room = new Uint32Array(candidates.length);
  present.forEach((at, index) => {
    room[at] = shall[index]! - have[index]!;
  });

  const result = table.slice();
  let withRoom = 0;
  for (let entry = 0; entry < table.length; entry++) {
    if (isThere(table[entry]!)) continue;
    while (room[present[withRoom]!] === 0) withRoom++;
    const heir = heirOf(table, entry, room) ?? present[withRoom]!;
    room[heir]!--;
    result[entry] = heir;
  }
  return result;
}

/** Who takes over an entry: the first with room among the owners of some other entries, always the same ones for it. */
function heirOf(table: Uint32Array, entry: number, room: Uint32Array): number | undefined {
  const step = ((entry * 7919) % (table.length - 1)) + 1;
  for (let asked = 1; asked <= ASKED; asked++) {
    const owner = table[(entry + asked * step) % table.length]!;
    if (room[owner]! > 0) return owner;
  }
  return undefined;
}

/** FNV-1a over the characters, and a final mix (of MurmurHash3) that makes every bit depend on all of them. */
function hash(text: string, seed: number): number {
  let value = 0x811c_9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x0100_0193);
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
