import { TAGGED_SEGMENTS, type TaggedSegment } from '../tagger/settings.js';
import { type Endpoint, formatAddress } from '../wire/index.js';
import { msBetween } from './clock.js';
import { CONNECTION, DIRECTION, CONNECTION_FLAGS as FLAG, STATE, WAY } from './layout.js';

/** The states of a connection, by the numbers of enum connection_state. */
export const CONNECTION_STATES = [
  'free',
  'syn-sent',
  'syn-received',
  'established',
  'closing',
  'closed',
] as const;
export type ConnectionState = Exclude<(typeof CONNECTION_STATES)[number], 'free'>;

/** One connection as the forwarder keeps it. */
export interface ForwardedConnection {
  /** Who TOA tells the backend. */
  readonly client: Required<Endpoint>;
  /** Who sent the segments, where that is a trusted upstream and not the client. */
  readonly upstream?: Required<Endpoint>;
  /** Where the client connected to. */
  readonly listen: Required<Endpoint>;
  /** The address and port that the backend sees. */
  readonly local: Required<Endpoint>;
  readonly backend: Required<Endpoint>;
  readonly state: ConnectionState;
  /** Since the SYN. */
  readonly ageMs: number;
  /** Since the last segment, either way. */
  readonly idleMs: number;
  /** The segments that carried TOA so far. */
  readonly tagged: readonly TaggedSegment[];
  /** Whether one that should have did not. */
  readonly missed: boolean;
}

/** The state that flags tell, as connection_state() of the program reads them; {@link STATE}. */
export function stateOf(flags: number): number {
  if (!(flags & FLAG.open)) return STATE.free;
  const finished = FLAG.finishedClient | FLAG.finishedBackend;
  if (flags & (FLAG.resetClient | FLAG.resetBackend | FLAG.aborted) || (flags & finished) === finished)
    return STATE.closed;
  if (flags & (FLAG.finClient | FLAG.finBackend | FLAG.resetDoubted)) return STATE.closing;
  if (flags & FLAG.established) return STATE.established;
  return flags & FLAG.answered ? STATE.synReceived : STATE.synSent;
}

const TO_BACKEND = CONNECTION.to + DIRECTION.toBackend * WAY.size;
const TO_CLIENT = CONNECTION.to + DIRECTION.toClient * WAY.size;

/** Offsets in struct connection of its addresses and ports. */
export const ENDPOINTS = {
  client: { address: CONNECTION.client, port: CONNECTION.clientPort },
  sender: { address: TO_CLIENT + WAY.destination, port: TO_CLIENT + WAY.destinationPort },
  listen: { address: TO_CLIENT + WAY.source, port: TO_CLIENT + WAY.sourcePort },
  local: { address: TO_BACKEND + WAY.source, port: TO_BACKEND + WAY.sourcePort },
  backend: { address: TO_BACKEND + WAY.destination, port: TO_BACKEND + WAY.destinationPort },
} as const;

/**
 * @param bytes struct connection, of a slot in use
 * @param now tick
 */
export function decodeConnection(bytes: Buffer, now: number): ForwardedConnection {
  const endpoint = ({ address, port }: { address: number; port: number }): Required<Endpoint> => ({
    address: formatAddress(bytes.subarray(address, address + 16)),
    port: bytes.readUInt16BE(port),
  });
  const flags = bytes.readUInt32LE(CONNECTION.flags);
  const carried = { syn: FLAG.taggedSyn, ack: FLAG.taggedAck, data: FLAG.taggedData };
  return {
    client: endpoint(ENDPOINTS.client),
    ...(flags & FLAG.upstream && { upstream: endpoint(ENDPOINTS.sender) }),
    listen: endpoint(ENDPOINTS.listen),
    local: endpoint(ENDPOINTS.local),
    backend: endpoint(ENDPOINTS.backend),
    state: CONNECTION_STATES[stateOf(flags)] as ConnectionState,
    ageMs: Math.round(msBetween(bytes.readUInt32LE(CONNECTION.created), now)),
    idleMs: Math.round(msBetween(bytes.readUInt32LE(CONNECTION.seen), now)),
    tagged: TAGGED_SEGMENTS.filter((segment) => flags & carried[segment]),
    missed: (flags & FLAG.missed) !== 0,
  };
}
