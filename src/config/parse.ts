import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Config } from './config.js';
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problemAt = (offset: number, message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, message };
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    throw new ConfigError(
      file,
      broken.map(({ pos, message }) => problemAt(pos[0], message)),
    );
  const result = configSchema.safeParse(contentOf(document, file) ?? {});
  if (!result.success) {
    const problems = result.error.issues
      .flatMap((issue) => problemsOf(issue, document))
      .map(({ offset, message }) => problemAt(offset, message));
    throw new ConfigError(
      file,
      problems.sort((a, b) => a.line - b.line || a.column - b.column),
    );
  }
  const { receiver, tagger, forwarder } = result.data;
  return {
    config: { ...(receiver && { receiver }), ...(tagger && { tagger }), ...(forwarder && { forwarder }) },
    placeOf: (path) => {
      const { line, column } = problemAt(offsetOf(nodeAt(document, path)), '');
      return { line, column };
    },
  };
}

/** The parser leaves it to this step to find aliases of nothing, and aliases of aliases that would fill the memory. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new ConfigError(file, [{ line: 1, column: 1, message: cause.message }], { cause });
  }
}

function problemsOf(issue: z.core.$ZodIssue, document: Document): { offset: number; message: string }[] {
  const node = nodeAt(document, issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      offset: keyOffset(node, key),
      message: `unknown key ${JSON.stringify(key)}: ${didYouMean(key, keysAt(issue.path))}`,
    }));
  if (issue.code === 'invalid_type' && issue.expected === 'object')
    return [
      {
        offset: offsetOf(node),
        message: `not a section: write ${keysAt(issue.path).join(', ')} as \`key: value\``,
      },
    ];
  return [{ offset: offsetOf(node), message: issue.message }];
}

/** The node at a path; where an alias hides it, the alias. */
function nodeAt(document: Document, path: readonly PropertyKey[]): Node | null {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return document.contents;
}

function keyOffset(node: Node | null, name: string): number {
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    : undefined;
  return offsetOf(isNode(pair?.key) ? pair.key : node);
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
