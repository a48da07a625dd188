import {
  kindsFor,
  kindsOfProfile,
  TAGGED_SEGMENTS,
  type TaggedSegment,
  type TaggerSettings,
} from '../tagger/settings.js';
import { SettingError } from './errors.js';
import { didYouMean } from './suggest.js';
import { parseKindName } from './values.js';

/** One tagger as an operator describes it: of a command line, or an entry of the section `tagger:`. */
export interface TaggerChoice {
  /** Whose outgoing connections are tagged, as `system.slice/haproxy.service`. */
  readonly cgroup: string;
  /** One option for both families, as `254/8`; or `none`, with which proxies go on as themselves, untagged. */
  readonly kind?: string;
  /** The options a vendor's forwarders send. */
  readonly profile?: string;
  readonly on?: readonly TaggedSegment[];
}

/** What most receivers read. */
const DEFAULT_KIND = '254/8';

/** Binds are still taken and undone, and nothing is written. */
const NO_KIND = 'none';

/**
 * The settings that a choice comes to; what it does not say has its default.
 *
 * @throws {SettingError} for a kind and a profile at once
 * @throws KindError, ProfileError of truepeer/wire, TaggerKindError
 */
export function taggerSettings({ kind, profile, on = TAGGED_SEGMENTS }: TaggerChoice): TaggerSettings {
  if (kind !== undefined && profile !== undefined)
    throw new SettingError(
      `kind ${kind} and profile ${profile} both say which option to write: give one of them`,
    );
  if (kind === NO_KIND) return { on, takeLocal: false };
  const kinds = profile === undefined ? kindsFor(kind ?? DEFAULT_KIND) : kindsOfProfile(profile);
  return { ...kinds, on, takeLocal: false };
}

/**
 * The choice as it is: for where a file is checked before anything is attached.
 *
 * @throws as {@link taggerSettings}
 */
export function checkTaggerChoice(choice: TaggerChoice): TaggerChoice {
  taggerSettings(choice);
  return choice;
}

/** @throws {KindError} */
export function parseTaggerKind(word: string): string {
  return word === NO_KIND ? word : parseKindName(word);
}

/** @throws {SettingError} */
export function parseSegment(word: string): TaggedSegment {
  const segment = TAGGED_SEGMENTS.find((name) => name === word);
  if (segment !== undefined) return segment;
  throw new SettingError(`cannot write on ${JSON.stringify(word)}: ${didYouMean(word, TAGGED_SEGMENTS)}`);
}
