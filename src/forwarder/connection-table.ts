import { formatAddress } from '../wire/index.js';
import { tickNow } from './clock.js';
import { decodeConnection, ENDPOINTS, type ForwardedConnection, stateOf } from './connection.js';
import { type EndpointPattern, matcher } from './endpoint-match.js';
import { CONNECTION, STATE } from './layout.js';
import { halfAt, type StructArray } from './words.js';

/** Which connections are meant; what is absent does not matter. */
export interface ConnectionFilter {
  /** Number of the service. */
  readonly service?: number;
  /** Any of {@link STATE}. */
  readonly states?: readonly number[];
  readonly client?: EndpointPattern;
  readonly backend?: EndpointPattern;
}

/** The states of connections that are not over. Closed ones keep their ports for a while. */
export const LIVE_STATES = [STATE.synSent, STATE.synReceived, STATE.established, STATE.closing] as const;

/** A connection with the number of its service. */
export interface ListedConnection {
  readonly service: number;
  readonly connection: ForwardedConnection;
}

/** The connections that are meant: the first ones of the table, and how many there are. */
export interface ConnectionList {
  readonly listed: readonly ListedConnection[];
  readonly matched: number;
}

/** Reads the program's table while it is in use. Connections that come or go meanwhile are in the answer or are not. */
export class ConnectionTable {
  readonly #array: StructArray;

  /** @param array the map `connections` */
  constructor(array: StructArray) {
    this.#array = array;
  }

  list(filter: ConnectionFilter, limit: number): ConnectionList {
    const now = tickNow();
    const listed: ListedConnection[] = [];
    let matched = 0;
    for (const slot of this.#slots(filter)) {
      matched++;
      if (listed.length >= limit) continue;
      const bytes = this.#readWhole(slot);
      if (bytes === undefined) matched--;
      else
        listed.push({
          service: bytes.readUInt16LE(CONNECTION.service),
          connection: decodeConnection(bytes, now),
        });
    }
    return { listed, matched };
  }

  /** How many connections each client has, by address. */
  countByClient(filter: ConnectionFilter): Map<string, number> {
    // Most addresses are IPv4, and a number is a far quicker key than text.
    const v4 = new Map<number, number>();
    const v6 = new Map<string, number>();
    const { address } = ENDPOINTS.client;
    for (const slot of this.#slots(filter)) {
      const isV4 =
        this.#array.word(slot, address + 8) === V4_MAPPED &&
        this.#array.word(slot, address) === 0 &&
        this.#array.word(slot, address + 4) === 0;
      if (isV4) add(v4, this.#array.word(slot, address + 12));
      else add(v6, this.#array.read(slot, address, 16).toString('latin1'));
    }
    const text = new Map<string, number>();
    for (const [word, count] of v4) text.set(v4Text(word), count);
    for (const [bytes, count] of v6) text.set(formatAddress(Buffer.from(bytes, 'latin1')), count);
    return text;
  }

  /** How many connections each backend has, by its number. */
  countByBackend(filter: ConnectionFilter): Map<number, number> {
    const counts = new Map<number, number>();
    for (const slot of this.#slots(filter)) add(counts, this.#array.word(slot, CONNECTION.backend));
    return counts;
  }

  /** How many connections there are, by {@link STATE}. */
  countByState(): number[] {
    const counts = Object.values(STATE).map(() => 0);
    for (let slot = 0; slot < this.#array.length; slot++)
      counts[stateOf(this.#array.word(slot, CONNECTION.flags))]!++;
    return counts;
  }

  *#slots({ service, states, client, backend }: ConnectionFilter): Generator<number> {
    const array = this.#array;
    const isClient = client && matcher(client, ENDPOINTS.client);
    const isBackend = backend && matcher(backend, ENDPOINTS.backend);
    const wanted = Object.values(STATE).map(
      (state) => state !== STATE.free && (states?.includes(state) ?? true),
    );
    for (let slot = 0; slot < array.length; slot++) {
      if (!wanted[stateOf(array.word(slot, CONNECTION.flags))]) continue;
      if (service !== undefined && halfAt(array, slot, CONNECTION.service) !== service) continue;
      if (isClient && !isClient(array, slot)) continue;
      if (isBackend && !isBackend(array, slot)) continue;
      yield slot;
    }
  }

  /** A slot's bytes, of one connection and not of two; undefined where it is free by now. */
  #readWhole(slot: number): Buffer | undefined {
    const generation = this.#array.word(slot, CONNECTION.generation);
    const bytes = this.#array.read(slot);
    const open = stateOf(bytes.readUInt32LE(CONNECTION.flags)) !== STATE.free;
    return open && this.#array.word(slot, CONNECTION.generation) === generation ? bytes : undefined;
  }
}

/** Bytes 8 to 11 of an IPv4-mapped address, as a word in memory. */
const V4_MAPPED = 0xffff_0000;

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function v4Text(word: number): string {
  return [word & 255, (word >> 8) & 255, (word >> 16) & 255, word >>> 24].join('.');
}
