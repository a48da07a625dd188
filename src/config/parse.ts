import type { z } from 'zod';
import type { Config } from './config.js';
import { ConfigDocument } from './document.js';
import { ConfigError, type ConfigProblem } from './errors.js';
import { configSchema, keysAt } from './schema.js';
import { didYouMean } from './suggest.js';

/** A configuration, and where in its file things stand. */
export interface Parsed {
  readonly config: Config;
  /** Of what stands at a path such as `['forwarder', 'services', 0, 'listen']`, or of what it would stand in. */
  placeOf(path: readonly (string | number)[]): Pick<ConfigProblem, 'line' | 'column'>;
}

/**
 * Reads the text of a configuration file.
 *
 * @param file its name, for messages.
 * @throws {ConfigError} with every problem there is.
 */
export function parseConfig(text: string, file: string): Config {
  return parseWithPlaces(text, file).config;
}

/** @throws {ConfigError} as {@link parseConfig} */
export function parseWithPlaces(text: string, file: string): Parsed {
  const document = new ConfigDocument(text, file);
  const result = configSchema.safeParse(document.value ?? {});
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document));
    throw new ConfigError(
      file,
      problems.sort((a, b) => a.line - b.line || a.column - b.column),
    );
  }
  const { receiver, tagger, forwarder } = result.data;
  return {
    config: { ...(receiver && { receiver }), ...(tagger && { tagger }), ...(forwarder && { forwarder }) },
    placeOf: (path) => document.placeOf(path),
  };
}

function problemsOf(issue: z.core.$ZodIssue, document: ConfigDocument): ConfigProblem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...document.placeOfKey(path, key),
      message: `unknown key ${JSON.stringify(key)}: ${didYouMean(key, keysAt(path))}`,
    }));
  if (issue.code === 'invalid_type' && issue.expected === 'object')
    return [
      {
        ...document.placeOf(path),
        message: `not a section: write ${keysAt(path).join(', ')} as \`key: value\``,
      },
    ];
  return [{ ...document.placeOf(path), message: issue.message }];
}
