import { z } from 'zod';
import { TaggerKindError } from '../tagger/settings.js';
import { AddressError, KindError, ProfileError } from '../wire/index.js';
import { SettingError } from './errors.js';

/*
 * What sections are made of: words, lists, numbers, each with a message that quotes what it refuses and says what would
 * be right.
 */

const EXPECTED = [AddressError, KindError, ProfileError, SettingError, TaggerKindError];

/** What `parse` makes of the input; what it refuses becomes the message. */
export function read<In, Out>(parse: (input: In) => Out): (input: In, context: z.RefinementCtx<In>) => Out {
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
  // As YAML writes it: JSON has no word for them.
  if (typeof value === 'number' && !Number.isFinite(value)) return yamlWord(value);
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value);
}

function yamlWord(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  return value > 0 ? '.inf' : '-.inf';
}

/** One word. YAML reads 10 as a number and `fd00::` as a map: such words want quotes. */
export function word<Out>(parse: (word: string) => Out, example: string) {
  return z
    .string({
      error: ({ input, path }) =>
        input === undefined
          ? `${String(path?.at(-1))} is missing: write a word like ${example}`
          : `${quote(input)} is not text: write a word like ${example}, in quotes if need be`,
    })
    .transform(read(parse));
}

export function list<Item extends z.ZodType>(item: Item, example: string) {
  return z.array(item, {
    error: ({ input, path }) =>
      input === undefined
        ? `${String(path?.at(-1))} is missing: write ${example}`
        : `${quote(input)} is not a list: write ${example}`,
  });
}

/** An empty list would switch something off in silence. */
export function someOf<Item extends z.ZodType>(item: Item, example: string) {
  return list(item, example).min(1, { error: `an empty list: write ${example}, or leave the key out` });
}

/** A list that has to be there. */
export function oneOrMore<Item extends z.ZodType>(item: Item, example: string) {
  return list(item, example).min(1, { error: `an empty list: write ${example}` });
}

export function flag() {
  return z.boolean({ error: ({ input }) => `${quote(input)} is neither: write true or false` });
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  const error = ({ input }: { input?: unknown }) =>
    `${quote(input)}: write a whole number from ${least} to ${most}`;
  return z.int({ error, abort: true }).min(least, { error }).max(most, { error });
}

/** A section with nothing in it, as when every key is commented out, says nothing. */
export function emptyIfNull(input: unknown): unknown {
  return input === null ? {} : input;
}
