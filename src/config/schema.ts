import { z } from 'zod';
import { TaggerKindError } from '../tagger/settings.js';
import { AddressError, KindError, ProfileError } from '../wire/index.js';
import { SettingError } from './errors.js';
import { checkTaggerChoice, parseSegment, parseTaggerKind } from './tagger-settings.js';
import {
  checkTrustWord,
  parseCgroup,
  parseKindName,
  parseProfile,
  parseRefusable,
  parseTrust,
} from './values.js';

const EXPECTED = [AddressError, KindError, ProfileError, SettingError, TaggerKindError];

/** What `parse` makes of the input; what it refuses becomes the message. */
function read<In, Out>(parse: (input: In) => Out): (input: In, context: z.RefinementCtx<In>) => Out {
  return (input, context) => {
    try {
      return parse(input);
    } catch (error) {
      if (!EXPECTED.some((expected) => error instanceof expected)) throw error;
      context.issues.push({ code: 'custom', message: (error as Error).message, input });
      return z.NEVER;
    }
  };
}

function quote(value: unknown): string {
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value);
}

/** One word. YAML reads 10 as a number and `fd00::` as a map: such words want quotes. */
function word<Out>(parse: (word: string) => Out, example: string) {
  return z
    .string({
      error: ({ input, path }) =>
        input === undefined
          ? `${String(path?.at(-1))} is missing: write a word like ${example}`
          : `${quote(input)} is not text: write a word like ${example}, in quotes if need be`,
    })
    .transform(read(parse));
}

function list<Item extends z.ZodType>(item: Item, example: string) {
  return z.array(item, { error: ({ input }) => `${quote(input)} is not a list: write ${example}` });
}

/** An empty list would switch the receiver off in silence. */
function someOf<Item extends z.ZodType>(item: Item, example: string) {
  return list(item, example).min(1, { error: `an empty list: write ${example}, or leave the key out` });
}

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
  sockopt: z
    .boolean({ error: ({ input }) => `${quote(input)} is neither: write true or false` })
    .exactOptional(),
});

const taggerKeys = z.strictObject({
  cgroup: word(parseCgroup, 'system.slice/haproxy.service'),
  kind: word(parseTaggerKind, '254/8').exactOptional(),
  profile: word(parseProfile, 'dpvs').exactOptional(),
  on: someOf(word(parseSegment, 'syn'), '[syn, ack, data]').exactOptional(),
});
const tagger = taggerKeys.transform(read(checkTaggerChoice));

/** A section with nothing in it, as when every key is commented out, says nothing. */
const emptyIfNull = (input: unknown) => (input === null ? {} : input);

/** The whole file. The other roles read their own sections. */
export const configSchema = z.strictObject({
  receiver: z.preprocess(emptyIfNull, receiver).exactOptional(),
  tagger: z
    .preprocess(
      (input) => (input === null ? [] : input),
      list(tagger, '[{ cgroup: system.slice/haproxy.service }]'),
    )
    .exactOptional(),
  forwarder: z.unknown().optional(),
});

/** The keys that a place in the file can have. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(configSchema.shape);
  return Object.keys(path[0] === 'tagger' ? taggerKeys.shape : receiver.shape);
}
