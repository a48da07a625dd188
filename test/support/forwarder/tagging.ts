import { FLAG, type Tcp } from '../../../src/lab/tcp.js';
import type { TcpFrame } from '../packets/frame.js';
import { toa } from '../packets/options.js';
import { hasRoom, packed, scrubbed, withoutTimestamps } from './model-options.js';
import type { Endpoint, ServiceOptions } from './structs.js';

/** The segments that may carry TOA, as the mask of a service names them. */
export type Chance = 'syn' | 'ack' | 'data';

/** What a client's segment carries when it leaves. */
export interface Tagged {
  /** All option bytes; timestamps still as the client wrote them. */
  readonly options: Uint8Array;
  readonly isTagged: boolean;
}

/** How the backend's side of a connection stands. */
export interface BackendState {
  /** Of its newest SYN-ACK. */
  readonly isn?: number;
  /** Whether it has sent what only an established connection sends: payload, or a FIN. */
  readonly hasTalked: boolean;
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

/** What happens to the options of a segment with a chance for TOA: scrubbing, then the room ladder. */
export function tag(
  frame: TcpFrame,
  chance: Chance,
  service: ServiceOptions,
  client: Endpoint,
  room: { readonly mtu: number; readonly growth: number; readonly length: number },
): Tagged {
  const { flags = [], tagOn = ['syn', 'ack', 'data'] } = service;
  const isSyn = chance === 'syn';
  const clean = scrubbed(frame.tcp.options, isSyn);
  const own = isSyn && flags.includes('stripTimestamps') ? withoutTimestamps(clean) : clean;
  const untagged = { options: own, isTagged: false };
  const kind = client.address.includes(':') ? (service.kind6 ?? 254) : (service.kind4 ?? 254);
  if (!tagOn.includes(chance) || kind === 0) return untagged;

  const option = toa(kind, client.address, client.port);
  const ladder = [own, packed(own)];
  if (isSyn && flags.includes('yieldTimestamps')) ladder.push(packed(withoutTimestamps(own)));
  const fitting = ladder.find((options) => hasRoom(options, option));
  if (fitting === undefined) return untagged;
  const grown = room.length + room.growth + fitting.length + option.length - frame.tcp.options.length;
  if (grown > room.mtu) return untagged;
  return { options: Uint8Array.from([...option, ...fitting]), isTagged: true };
}
