import { FLAG, type Tcp } from '../../../src/lab/tcp.js';
import { MAX_OPTIONS } from '../../../src/wire/walk.js';
import type { TcpFrame } from '../packets/frame.js';
import { toa } from '../packets/options.js';
import type { Counts } from './counts.js';
import { clientOf, packed, scrubbed, withoutTimestamps } from './model-options.js';
import type { Endpoint, ServiceOptions } from './structs.js';

/** The segments that may carry TOA, as the mask of a service names them. */
export type Chance = 'syn' | 'ack' | 'data';

/** What a client's segment with a chance for TOA leaves with, and what is counted for it. */
export interface Tagged {
  /** All option bytes; timestamps still as the client wrote them. */
  readonly options: Uint8Array;
  readonly counted: Counts;
}

/** How the backend's side of a connection stands. */
export interface BackendState {
  /** Of its newest SYN-ACK. */
  readonly isn?: number;
  /** Whether it has sent what only an established connection sends: payload, or a FIN. */
  readonly hasTalked: boolean;
}

/** How it stands after one more of its segments. */
export function backendAfter(state: BackendState, { flags, seq, payload }: Tcp): BackendState {
  if (flags & FLAG.RST) return state;
  if (flags & FLAG.SYN) return seq === state.isn ? state : { isn: seq, hasTalked: false };
  const talks = flags & FLAG.ACK && (payload.length > 0 || flags & FLAG.FIN);
  return talks ? { ...state, hasTalked: true } : state;
}

/**
 * Which chance for TOA a client's segment is: a SYN, and whatever may complete the handshake. That is all while the
 * backend has not shown that it is complete, and afterwards what acknowledges its SYN and no more: it was sent then.
 */
export function chanceOf({ flags, ack, payload }: Tcp, backend: BackendState): Chance | undefined {
  if (flags & FLAG.RST) return undefined;
  if (flags & FLAG.SYN) return 'syn';
  if (backend.hasTalked && ack !== ((backend.isn ?? 0) + 1) >>> 0) return undefined;
  return payload.length > 0 ? 'data' : 'ack';
}

/** What a segment may grow to. */
export interface Room {
  /** Of the IP packet as it arrived. */
  readonly length: number;
  /** What another IP version adds to it. */
  readonly growth: number;
  readonly mtu: number;
}

const COUNTED = { syn: 'taggedSyn', ack: 'taggedAck', data: 'taggedData' } as const;

/** Whom a trusted forwarder has spoken for so far. */
export interface Told {
  readonly client: Endpoint;
  /** Not from a SYN, which not every upstream scrubs: it stays. */
  readonly isFinal: boolean;
}

/** What an upstream has told after one more of its segments. */
export function toldAfter(told: Told | undefined, { tcp }: TcpFrame, chance: Chance): Told | undefined {
  if (told?.isFinal) return told;
  const client = clientOf(tcp.options, chance === 'syn');
  return client === undefined ? told : { client, isFinal: chance !== 'syn' };
}

/**
 * What happens to the options of a segment with a chance for TOA: scrubbing, then the room ladder.
 *
 * @param client whom TOA is to speak of; nobody where that is not known yet.
 */
export function tag(
  { tcp }: TcpFrame,
  chance: Chance,
  service: ServiceOptions,
  client: Endpoint | undefined,
  room: Room,
): Tagged {
  const { flags = [], tagOn = ['syn', 'ack', 'data'] } = service;
  const isSyn = chance === 'syn';
  const clean = scrubbed(tcp.options);
  const own = isSyn && flags.includes('stripTimestamps') ? withoutTimestamps(clean) : clean;
  const without = (counted: Counts): Tagged => ({ options: own, counted });
  if (!tagOn.includes(chance)) return without({});
  if (client === undefined) return without(isSyn ? {} : { notTold: 1 });
  const kind = client.address.includes(':') ? (service.kind6 ?? 254) : (service.kind4 ?? 254);
  if (kind === 0) return without({ noKind: 1 });

  const option = toa(kind, client.address, client.port);
  const ladder: Tagged[] = [
    { options: own, counted: {} },
    { options: packed(own), counted: { compacted: 1 } },
  ];
  if (isSyn && flags.includes('yieldTimestamps'))
    ladder.push({
      options: packed(withoutTimestamps(own)),
      counted: { timestampsGivenUp: 1, compacted: 1 },
    });
  const fitting = ladder.find(({ options }) => options.length + option.length <= MAX_OPTIONS);
  if (fitting === undefined) return without({ noRoom: 1 });
  const grown = room.length + room.growth + fitting.options.length + option.length - tcp.options.length;
  if (grown > room.mtu) return without({ noRoomMtu: 1 });
  return {
    options: Uint8Array.from([...option, ...fitting.options]),
    counted: { ...fitting.counted, [COUNTED[chance]]: 1 },
  };
}
