import { z } from 'zod';
import { FORWARDER_KEYS, forwarder } from './forwarder-schema.js';
import { emptyIfNull, flag, list, read, someOf, word } from './shapes.js';
import { checkTaggerChoice, parseSegment, parseTaggerKind } from './tagger-settings.js';
import {
  checkTrustWord,
  parseCgroup,
  parseKindName,
  parseProfile,
  parseRefusable,
  parseTrust,
} from './values.js';

const TRUST_EXAMPLE = '[10.0.0.0/8, "2001:db8::/32"], or any';
const network = word(checkTrustWord, '10.0.0.0/8 or "2001:db8::/32"');
const trust = z
  .preprocess((input) => (input === 'any' ? [input] : input), someOf(network, TRUST_EXAMPLE))
  .transform(read(parseTrust));

const receiver = z.strictObject({
  trust: trust.exactOptional(),
  profiles: someOf(word(parseProfile, 'dpvs'), '[tencent, dpvs]').exactOptional(),
  kinds: someOf(word(parseKindName, '200/8'), '[200/8]').exactOptional(),
  refuse: list(word(parseRefusable, 'loopback'), '[loopback, private]').exactOptional(),
  cgroup: word(parseCgroup, 'system.slice/nginx.service').exactOptional(),
  sockopt: flag().exactOptional(),
});

const taggerKeys = z.strictObject({
  cgroup: word(parseCgroup, 'system.slice/haproxy.service'),
  kind: word(parseTaggerKind, '254/8').exactOptional(),
  profile: word(parseProfile, 'dpvs').exactOptional(),
  on: someOf(word(parseSegment, 'syn'), '[syn, ack, data]').exactOptional(),
});
const tagger = taggerKeys.transform(read(checkTaggerChoice));

/** The whole file. */
export const configSchema = z.strictObject({
  receiver: z.preprocess(emptyIfNull, receiver).exactOptional(),
  tagger: z
    .preprocess(
      (input) => (input === null ? [] : input),
      list(tagger, '[{ cgroup: system.slice/haproxy.service }]'),
    )
    .exactOptional(),
  forwarder: forwarder.exactOptional(),
});

/** The keys of each place in the file; what stands in a list has the place of the list. */
const KEYS: Readonly<Record<string, z.ZodObject>> = {
  '': configSchema,
  receiver,
  tagger: taggerKeys,
  ...FORWARDER_KEYS,
};

/** The keys that a place in the file can have. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const place = path.filter((part) => typeof part === 'string').join('.');
  return Object.keys(KEYS[place]?.shape ?? {});
}
