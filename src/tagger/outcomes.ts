/**
 * Every way a connection that a tagged cgroup opens can end up, by the numbers of enum tag_outcome in bpf/tagger.h.
 * `says` is the sentence an operator reads; `next` is what to do about it, where something is to be done.
 */
export const TAG_OUTCOMES = [
  { code: 0, name: 'tagged', says: 'at least one segment carried the client' },
  {
    code: 1,
    name: 'no-client',
    says: 'not bound to a client: health checks, look-ups, traffic of its own',
    next: "if a client's connection is among them, make the proxy bind to the client's address",
  },
  {
    code: 2,
    name: 'no-kind',
    says: "no option is set for the client's address family",
    next: 'attach again with a kind that has one',
  },
  {
    code: 3,
    name: 'no-room',
    says: 'the option fitted behind the others on no segment',
    next: 'use a shorter kind, or switch TCP timestamps off towards this backend',
  },
  {
    code: 4,
    name: 'signed',
    says: 'the connection is signed (TCP-AO), and an option would spoil the signature',
    next: 'connect to this backend without TCP-AO',
  },
] as const;

export type TagOutcomeName = (typeof TAG_OUTCOMES)[number]['name'];

/** @throws {RangeError} for a number that this version does not know. */
export function tagOutcomeOf(code: number): (typeof TAG_OUTCOMES)[number] {
  const outcome = TAG_OUTCOMES[code];
  if (outcome === undefined) throw new RangeError(`unknown outcome ${code}: written by another version?`);
  return outcome;
}
