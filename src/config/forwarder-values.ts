import { type ProbeSettings, SCHEDULERS } from '../forwarder/settings.js';
import { type Endpoint, formatAddress, parseAddress, parseEndpoint } from '../wire/index.js';
import { SettingError } from './errors.js';
import { didYouMean } from './suggest.js';

/* The words of the section `forwarder:`. Each function throws an error that quotes the word it refuses. */

const IFNAMSIZ = 16;

/** @throws {SettingError} */
export function parseInterface(word: string): string {
  if (/^[^\s/]+$/.test(word) && word.length < IFNAMSIZ && word !== '.' && word !== '..') return word;
  throw new SettingError(
    `${JSON.stringify(word)} is no interface's name: write one that \`ip link\` shows, such as eth0`,
  );
}

/** struct service has 56 bytes for it, with a zero byte at its end. */
const NAME_MAX = 55;

/** @throws {SettingError} */
export function parseServiceName(word: string): string {
  if (/^[\w][\w.-]*$/.test(word) && word.length <= NAME_MAX) return word;
  throw new SettingError(
    `${JSON.stringify(word)} is no name for a service: write up to ${NAME_MAX} letters, digits, and . _ - between them`,
  );
}

/** An address that one host can have. @throws {AddressError, SettingError} */
export function parseHostAddress(word: string): string {
  return hostAddress(formatAddress(parseAddress(word)));
}

/** An address and port that other hosts can connect to. @throws {AddressError, SettingError} */
export function parseHostEndpoint(word: string): Required<Endpoint> {
  const endpoint = parseListener(word);
  hostAddress(endpoint.address);
  return endpoint;
}

/** An address and port to serve metrics on; a port alone is one of the loopback address. @throws as {@link parseListener} */
export function parseMetricsAddress(word: string): Required<Endpoint> {
  return parseListener(/^\d+$/.test(word) ? `127.0.0.1:${word}` : word);
}

/** An address and port to listen on. @throws {AddressError, SettingError} */
function parseListener(word: string): Required<Endpoint> {
  const [, digits] = /:(\d+)$/.exec(word) ?? [];
  if (Number(digits) > PORT_MAX) throw noListener(word, digits!);
  const endpoint = parseEndpoint(word);
  if (endpoint.port === 0) throw noListener(word, '0');
  return endpoint;
}

const PORT_MAX = 65_535;

function noListener(word: string, port: string): SettingError {
  return new SettingError(
    `${JSON.stringify(word)}: nobody listens on port ${port}: write one from 1 to ${PORT_MAX}`,
  );
}

/** Addresses in canonical text that no other host can be reached by, and why. */
const UNUSABLE: readonly (readonly [RegExp, string])[] = [
  [/^(0\.0\.0\.0|::)$/, 'every address'],
  [/^0\./, 'no host'],
  [/^(127\.|::1$)/, 'a loopback address, which no packet of another host has'],
  [/^(22[4-9]|23\d)\.|^ff..:/, 'a multicast group'],
  [/^(24\d|25\d)\./, 'no address of a host'],
  [/^fe[89ab].:/, 'a link-local address, which means another host on each link'],
];

function hostAddress(address: string): string {
  const [, reason] = UNUSABLE.find(([pattern]) => pattern.test(address)) ?? [];
  if (reason === undefined) return address;
  throw new SettingError(`${JSON.stringify(address)} is ${reason}: name one address of a host`);
}

/** One of some words. @throws {SettingError} */
export function oneOf<Word extends string>(words: readonly Word[]): (word: string) => Word {
  return (word) => {
    const found = words.find((candidate) => candidate === word);
    if (found !== undefined) return found;
    throw new SettingError(`there is no ${JSON.stringify(word)}: ${didYouMean(word, words)}`);
  };
}

export const parseScheduler = oneOf(SCHEDULERS);

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Connections know their last segment to half the range of 32-bit ticks, which is 26 days. */
const LONGEST_MS = 14 * UNITS.d;

/**
 * `500ms`, `2s`, `15m`, `1h`, `1d`.
 *
 * @returns milliseconds, at least 1
 * @throws {SettingError}
 */
export function parseDuration(word: string): number {
  const [, digits = '', unit = ''] = /^([1-9]\d*)(ms|[smhd])$/.exec(word) ?? [];
  const ms = Number(digits) * (UNITS[unit as keyof typeof UNITS] ?? 0);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new SettingError(
    ms > 0
      ? `${JSON.stringify(word)} is too long: write at most 14d`
      : `${JSON.stringify(word)} is no duration: write one like 500ms, 2s, 15m or 1h`,
  );
}

/** @throws {SettingError} */
export function parsePath(word: string): string {
  if (/^\/[\x21-\x7e]*$/.test(word)) return word;
  throw new SettingError(
    `${JSON.stringify(word)} is no path: write what follows the host in a URL, such as /healthz`,
  );
}

/** @throws {SettingError} */
export function parseHostName(word: string): string {
  if (/^[\w.:[\]-]+$/.test(word)) return word;
  throw new SettingError(`${JSON.stringify(word)} is no host: write a name like www.example.org`);
}

/**
 * `200` or `200-399`.
 *
 * @returns from and to
 * @throws {SettingError}
 */
export function parseStatuses(word: string): ProbeSettings['expect'][number] {
  const [, from = '', to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(word) ?? [];
  if (from !== '' && from <= to) return [Number(from), Number(to)];
  throw new SettingError(
    `${JSON.stringify(word)} is no HTTP status: write one like 200, or a range like 200-399`,
  );
}
