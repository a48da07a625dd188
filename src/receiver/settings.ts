import { type Cidr, type ResolvedRules, resolveProfiles } from '../wire/index.js';

/** Client addresses that an operator may refuse beyond those no client can have. */
export const REFUSABLE = ['loopback', 'private'] as const;
export type Refusable = (typeof REFUSABLE)[number];

/** What a receiver is told to do; everything is decided, nothing is left to a default. */
export interface ReceiverSettings {
  /** The forwarders whose TOA is believed; `any` believes every sender. */
  readonly trust: readonly Cidr[] | 'any';
  /** Names from the table of profiles. */
  readonly profiles: readonly string[];
  /** Single kinds, as `200/8`. */
  readonly kinds: readonly string[];
  /** Client addresses that are refused although a client could have them. */
  readonly refuse: readonly Refusable[];
  /** The cgroup whose sockets are served, relative to the cgroup-v2 root; `/` is the whole host. */
  readonly cgroup: string;
  /** Whether getsockopt() answers, at a small cost to every getsockopt() in the cgroup. */
  readonly sockopt: boolean;
}

/**
 * The rules that profiles and kinds come to.
 *
 * @throws ProfileError, KindError, ConflictError of truepeer/wire
 */
export function rulesOf(settings: ReceiverSettings): ResolvedRules {
  return resolveProfiles(settings.profiles, settings.kinds);
}
