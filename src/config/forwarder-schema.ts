import { z } from 'zod';
import {
  DEFAULT_CAPACITY,
  HEALTH_TYPES,
  ON_MISSING,
  TIMESTAMPS,
  WHEN_ALL_DOWN,
} from '../forwarder/settings.js';
import { TAGGED_SEGMENTS } from '../tagger/settings.js';
import { parseCidr } from '../wire/index.js';
import { healthSettings, toaSettings } from './forwarder-choices.js';
import {
  oneOf,
  parseDuration,
  parseHostAddress,
  parseHostEndpoint,
  parseHostName,
  parseInterface,
  parseMetricsAddress,
  parsePath,
  parseScheduler,
  parseServiceName,
  parseStatuses,
} from './forwarder-values.js';
import { emptyIfNull, flag, list, oneOrMore, read, someOf, whole, word } from './shapes.js';
import { parseSegment } from './tagger-settings.js';
import { parseKindName, parseProfile } from './values.js';

/* The section `forwarder:`. What it says, and defaults for what it does not, come to the settings. */

const CAPACITY_MAX = 10_000_000;
const WEIGHT_MAX = 65_535;

const duration = word(parseDuration, '2s');

function choice<Word extends string>(words: readonly [Word, ...Word[]]) {
  return word(oneOf(words), words[0]);
}

const toaKeys = z.strictObject({
  profile: word(parseProfile, 'dpvs').exactOptional(),
  kinds: someOf(word(parseKindName, '254/8'), '[254/8, 254/20]').exactOptional(),
  on: someOf(word(parseSegment, 'syn'), '[syn, ack, data]').default(TAGGED_SEGMENTS),
  onMissing: choice(ON_MISSING).default('forward'),
});

const timeouts = z.strictObject({
  embryonic: duration.default(parseDuration('10s')),
  established: duration.default(parseDuration('15m')),
  closing: duration.default(parseDuration('2m')),
  closed: duration.default(parseDuration('60s')),
});

const statuses = word(parseStatuses, '200-399');
const healthKeys = z.strictObject({
  type: choice(HEALTH_TYPES).default('tcp'),
  interval: duration.default(parseDuration('2s')),
  timeout: duration.default(parseDuration('1s')),
  rise: whole(1, 100).default(2),
  fall: whole(1, 100).default(3),
  path: word(parsePath, '/healthz').exactOptional(),
  host: word(parseHostName, 'www.example.org').exactOptional(),
  expect: z.preprocess(statusWords, someOf(statuses, '[200-399]')).exactOptional(),
});

const backend = z.strictObject({
  address: word(parseHostEndpoint, '10.0.1.11:8443 or "[2001:db8::11]:8443"'),
  weight: whole(0, WEIGHT_MAX).default(1),
});

const service = z.strictObject({
  name: word(parseServiceName, 'web'),
  listen: word(parseHostEndpoint, '198.51.100.10:443 or "[2001:db8::10]:443"'),
  scheduler: word(parseScheduler, 'maglev').default('maglev'),
  toa: z.preprocess(emptyIfNull, toaKeys.transform(read(toaSettings))).prefault({}),
  trustUpstream: list(
    word(parseCidr, '10.0.0.0/8 or "2001:db8::/32"'),
    '[10.0.0.0/8, "2001:db8::/32"]',
  ).default([]),
  timestamps: choice(TIMESTAMPS).default('keep'),
  whenAllDown: choice(WHEN_ALL_DOWN).default('reset'),
  timeouts: z.preprocess(emptyIfNull, timeouts).prefault({}),
  health: z.preprocess(emptyIfNull, healthKeys.transform(read(healthSettings))).prefault({}),
  backends: oneOrMore(
    backend.transform(({ address, weight }) => ({ endpoint: address, weight })),
    '[{ address: 10.0.1.11:8443 }]',
  ),
});

const section = z.strictObject({
  interfaces: oneOrMore(word(parseInterface, 'eth0'), '[eth0, eth1]'),
  generic: flag().default(false),
  localAddresses: oneOrMore(word(parseHostAddress, '10.0.0.10'), '[10.0.0.10, "2001:db8::10"]'),
  capacity: whole(1, CAPACITY_MAX).default(DEFAULT_CAPACITY),
  services: oneOrMore(service, '[{ name: web, listen: 198.51.100.10:443, backends: [...] }]'),
  metrics: z.preprocess(portWord, word(parseMetricsAddress, '127.0.0.1:9469')).exactOptional(),
});

/** With everything in it commented out, there is no forwarder. */
export const forwarder = z.preprocess((input) => input ?? undefined, section.optional());

/** For messages: the keys of each place in the section. */
export const FORWARDER_KEYS = {
  forwarder: section,
  'forwarder.services': service,
  'forwarder.services.toa': toaKeys,
  'forwarder.services.timeouts': timeouts,
  'forwarder.services.health': healthKeys,
  'forwarder.services.backends': backend,
} as const;

/** YAML reads 9469 as a number. */
function portWord(input: unknown): unknown {
  return typeof input === 'number' ? String(input) : input;
}

/** YAML reads 200 as a number; one status needs no list around it. */
function statusWords(input: unknown): unknown {
  const words = Array.isArray(input) ? input : [input];
  return words.map((status: unknown) => (typeof status === 'number' ? String(status) : status));
}
