/**
 * Every way an established connection can end up, by the numbers of enum outcome in bpf/receiver.h. `says` is the
 * sentence an operator reads; `next` is what to do about it, where something is to be done.
 */
export interface Outcome {
  readonly code: number;
  readonly name: string;
  readonly says: string;
  readonly next?: string;
}

export const OUTCOMES = [
  { code: 0, name: 'tagged', says: 'client known, getpeername() answers with it' },
  {
    code: 1,
    name: 'nat64',
    says: 'IPv6 client on an IPv4 socket: getpeername() cannot say it, getsockopt() does',
  },
  { code: 2, name: 'vip-only', says: 'the option held the virtual address and no client' },
  {
    code: 3,
    name: 'no-option',
    says: 'no TOA on the segment that completed the handshake',
    next: 'a direct connection, or a forwarder that does not send TOA: check its settings',
  },
  {
    code: 4,
    name: 'other-kind',
    says: 'TOA of a kind that no enabled profile reads',
    next: 'enable it: attach again with --profile or --kind',
  },
  {
    code: 5,
    name: 'untrusted',
    says: 'TOA from an address that is not trusted',
    next: 'if it is your forwarder, attach again with its address in --trust',
  },
  { code: 6, name: 'malformed', says: "the segment's TCP options are broken" },
  { code: 7, name: 'look-alike', says: "an enabled kind with another protocol's shape" },
  {
    code: 8,
    name: 'bad-client',
    says: 'an address or port that no client can have, or that is refused',
    next: 'look at the forwarder: it sent this',
  },
  { code: 9, name: 'subflow', says: 'a further subflow of a known MPTCP connection' },
  { code: 10, name: 'no-memory', says: 'the kernel could not store the client' },
] as const satisfies readonly Outcome[];

export type OutcomeName = (typeof OUTCOMES)[number]['name'];

/** @throws {RangeError} for a number that this version does not know. */
export function outcomeOf(code: number): (typeof OUTCOMES)[number] {
  const outcome = OUTCOMES[code];
  if (outcome === undefined) throw new RangeError(`unknown outcome ${code}: written by another version?`);
  return outcome;
}
