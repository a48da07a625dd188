import { REFUSABLE, type ReceiverSettings, type Refusable } from '../receiver/settings.js';
import { formatKind, PROFILES, ProfileError, parseCidr, parseKind } from '../wire/index.js';
import { SettingError } from './errors.js';
import { didYouMean } from './suggest.js';

/*
 * The words that settings are written in, for the command line and the configuration file alike. Each throws an error
 * that quotes the word it refuses.
 */

const ANY = 'any';

/**
 * Networks, or the one word `any`.
 *
 * @throws {AddressError} for what is no network
 * @throws {SettingError} for `any` beside networks, which it would make meaningless
 */
export function parseTrust(words: readonly string[]): ReceiverSettings['trust'] {
  if (!words.includes(ANY)) return words.map(parseCidr);
  if (words.length > 1)
    throw new SettingError(
      '`any` believes every sender, so nothing can stand beside it: write only `any`, or only networks',
    );
  return ANY;
}

/**
 * One of those words, as it is: for where a list is checked word by word.
 *
 * @throws {AddressError}
 */
export function checkTrustWord(word: string): string {
  parseTrust([word]);
  return word;
}

/** @throws {ProfileError} */
export function parseProfile(word: string): string {
  const names = PROFILES.map(({ name }) => name);
  if (names.includes(word)) return word;
  throw new ProfileError(`there is no profile ${JSON.stringify(word)}: ${didYouMean(word, names)}`);
}

/** @throws {KindError} */
export function parseKindName(word: string): string {
  return formatKind(parseKind(word));
}

/** @throws {SettingError} */
export function parseRefusable(word: string): Refusable {
  const refusable = REFUSABLE.find((name) => name === word);
  if (refusable !== undefined) return refusable;
  throw new SettingError(`cannot refuse ${JSON.stringify(word)}: write ${REFUSABLE.join(' or ')}`);
}

/** @throws {SettingError} */
export function parseCgroup(word: string): string {
  if (word !== '') return word;
  throw new SettingError(
    '"" names no cgroup: write / for the whole host, or a path such as system.slice/nginx.service',
  );
}
