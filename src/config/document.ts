import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml';
import { ConfigError, type ConfigProblem } from './errors.js';
import { type Node, nodeOf } from './nodes.js';

type Place = Pick<ConfigProblem, 'line' | 'column'>;

/** Aliases of aliases would fill the memory: no configuration comes to so many values. */
const VALUES_MAX = 10_000_000;

/** A YAML document, and where things stand in it. */
export class ConfigDocument {
  /** What it says; undefined where it says nothing. */
  readonly value: unknown;
  readonly #text: string;
  readonly #events: ReturnType<typeof parseEvents>;
  #root: Node | undefined;

  /**
   * @param file its name, for messages.
   * @throws {ConfigError} when it is no YAML, or more than one document.
   */
  constructor(text: string, file: string) {
    this.#text = text;
    try {
      this.#events = parseEvents(text, {});
      const [value, ...others] = constructFromEvents(this.#events, { source: text });
      if (others.length > 0) throw new YAMLException('more than one document: write one');
      const size = sizeOf(value);
      if (size === Number.POSITIVE_INFINITY)
        throw new YAMLException('an alias within what it stands for: write out what is meant');
      if (size > VALUES_MAX) throw new YAMLException('aliases that come to too many values');
      this.value = value ?? undefined;
    } catch (cause) {
      if (!(cause instanceof YAMLException)) throw cause;
      const { line = 0, column = 0 } = cause.mark ?? {};
      throw new ConfigError(file, [{ line: line + 1, column: column + 1, message: cause.reason }], { cause });
    }
  }

  /** Of what stands at a path, or of what it would stand in; where an alias hides it, of the alias. */
  placeOf(path: readonly PropertyKey[]): Place {
    return this.#place(this.#find(path).start);
  }

  /** Of a key of the mapping that stands at a path. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place {
    const { start, children } = this.#find(path);
    return this.#place(children.get(key)?.keyStart ?? start);
  }

  #find(path: readonly PropertyKey[]): Node {
    this.#root ??= nodeOf(this.#text, this.#events);
    let found = this.#root;
    for (const part of path) {
      const child = found.children.get(String(part));
      if (child === undefined) break;
      found = child.node;
    }
    return found;
  }

  #place(offset: number): Place {
    const before = this.#text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
  }
}

/** How many values there are when every alias is replaced by what it stands for; infinite where that has no end. */
function sizeOf(value: unknown, known = new Map<object, number>()): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Number.POSITIVE_INFINITY);
  const size = Object.values(value).reduce((sum: number, part) => sum + sizeOf(part, known), 1);
  known.set(value, size);
  return size;
}
