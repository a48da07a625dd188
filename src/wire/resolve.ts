import { FORMATS } from './formats.js';
import { formatKind, parseKind } from './kinds.js';
import { KNOWN_OPTIONS, PROFILES, type Profile, type Segment } from './profiles.js';
import { ConflictError, type RuleEntry, type RuleTable, ruleTable } from './rules.js';

/** A profile nobody has heard of. The message lists those there are. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/** What to read from which segment, ready for the walk and for the kernel. */
export interface ResolvedRules {
  /** The profiles asked for, in that order, each once. */
  readonly profiles: readonly string[];
  /** The single kinds asked for, as `200/8`, in that order, each once. */
  readonly kinds: readonly string[];
  /** What is read from the segment that completes the handshake. */
  readonly completing: RuleTable;
  /** What is read from the SYN; all 0 unless a profile asks for it. */
  readonly syn: RuleTable;
  /** What counts as TOA, enabled or not: every known option, and `kinds`. */
  readonly known: RuleTable;
}

interface Wish extends RuleEntry {
  readonly on: Segment;
}

function profileNamed(name: string): Profile {
  const profile = PROFILES.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const names = PROFILES.map((candidate) => candidate.name).join(', ');
  throw new ProfileError(`there is no profile ${JSON.stringify(name)}: there are ${names}`);
}

function profileWishes({ name, entries }: Profile): Wish[] {
  return entries.map(({ kind, format, on }) => ({ kind, format, on, by: name }));
}

/** A kind chosen by hand is read where everything is by default: never from the SYN, which anybody can send. */
function kindWish(text: string): Wish {
  const { kind, length, format } = parseKind(text);
  return { kind, format, on: 'completing', by: `--kind ${formatKind({ kind, length })}` };
}

function assertOneSegmentEach(wishes: readonly Wish[]): void {
  const fromSyn = wishes.filter(({ on }) => on === 'syn');
  const fromCompleting = wishes.filter(({ on }) => on === 'completing');
  for (const a of fromSyn) {
    const { length } = FORMATS[a.format];
    const b = fromCompleting.find(({ kind, format }) => kind === a.kind && FORMATS[format].length === length);
    if (b === undefined) continue;
    throw new ConflictError(
      `${a.kind}/${length} is read from the SYN by ${a.by} and never from the SYN by ${b.by}, ` +
        `because anybody can send a SYN: choose one`,
    );
  }
}

/**
 * The rules that these profiles and single kinds add up to. Nothing is added
 * by default: that is the caller's choice ({@link DEFAULT_PROFILES}).
 *
 * @param names profile names, such as `dpvs`
 * @param kinds kinds with their lengths, such as `200/8`
 * @throws {ProfileError} when there is no profile of a name
 * @throws {KindError} when a kind cannot be TOA
 * @throws {ConflictError} when two of them contradict each other
 */
export function resolveProfiles(names: readonly string[], kinds: readonly string[] = []): ResolvedRules {
  const profiles = [...new Set(names)];
  const kindWishes = kinds.map(kindWish);
  const wishes = [...profiles.map(profileNamed).flatMap(profileWishes), ...kindWishes];
  assertOneSegmentEach(wishes);
  return {
    profiles,
    kinds: [
      ...new Set(kindWishes.map(({ kind, format }) => formatKind({ kind, length: FORMATS[format].length }))),
    ],
    completing: ruleTable(wishes.filter(({ on }) => on === 'completing')),
    syn: ruleTable(wishes.filter(({ on }) => on === 'syn')),
    known: ruleTable([...KNOWN_OPTIONS, ...kindWishes]),
  };
}
