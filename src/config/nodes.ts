import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** Something that stands in a YAML document. Offsets are characters from its beginning. */
export interface Node {
  readonly start: number;
  /** By their key, or their number in a list. What stands in an alias is not in here. */
  readonly children: ReadonlyMap<string, Child>;
}

interface Child {
  readonly keyStart: number;
  readonly node: Node;
}

/**
 * The content of a document, with all that is in it.
 *
 * @param events of a parser that found no mistake.
 */
export function nodeOf(text: string, events: readonly Event[]): Node {
  // The first event is the document's own; without any, there is none.
  return events.length < 2 ? { start: 0, children: new Map() } : new Reader(text, events, 1).node(0);
}

class Reader {
  readonly #text: string;
  readonly #events: readonly Event[];
  #at: number;

  constructor(text: string, events: readonly Event[], at: number) {
    this.#text = text;
    this.#events = events;
    this.#at = at;
  }

  /** @param around where it is said to stand if it is left out, as the value in `key:`. */
  node(around: number): Node {
    const event = this.#events[this.#at++]!;
    const children = new Map<string, Child>();
    switch (event.type) {
      case EVENT_ID.SEQUENCE:
        for (let number = 0; !this.#ends(); number++) {
          const node = this.node(event.start);
          children.set(String(number), { keyStart: node.start, node });
        }
        return { start: event.start, children };
      case EVENT_ID.MAPPING:
        while (!this.#ends()) {
          const key = this.#events[this.#at]!;
          const { start: keyStart } = this.node(event.start);
          const node = this.node(keyStart);
          if (key.type === EVENT_ID.SCALAR) children.set(getScalarValue(this.#text, key), { keyStart, node });
        }
        return { start: event.start, children };
      case EVENT_ID.SCALAR:
        return { start: startOf(event) ?? around, children };
      case EVENT_ID.ALIAS:
        return { start: event.anchorStart - 1, children };
      default:
        return { start: around, children };
    }
  }

  #ends(): boolean {
    if (this.#events[this.#at]!.type !== EVENT_ID.POP) return false;
    this.#at++;
    return true;
  }
}

function startOf({ valueStart, style }: ScalarEvent): number | undefined {
  if (valueStart < 0) return undefined;
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return valueStart - Number(isQuoted);
}
