import assert from 'node:assert/strict';
import { FLAG } from '../../../src/lab/tcp.js';
import { assertFrame } from '../packets/assert-frame.js';
import { buildPacket, type TcpFrame } from '../packets/frame.js';
import type { Outcome, PacketBed, Service } from './bed.js';
import type { ConnectionView } from './connections.js';
import type { Counts } from './counts.js';
import { type Translation, toBackend, toClient, withAnyId } from './model.js';
import { hasToa } from './model-options.js';
import { MAC, routeTo } from './network.js';
import { after, frameBetween, newClient, type Part } from './segments.js';
import type { Endpoint, ServiceOptions } from './structs.js';
import {
  type BackendState,
  backendAfter,
  type Chance,
  chanceOf,
  type Tagged,
  type Told,
  tag,
  toldAfter,
} from './tagging.js';

export interface DialogueOptions {
  readonly client?: Endpoint;
  readonly clientIsn?: number;
  readonly backendIsn?: number;
  /** Whether the client is a forwarder that the service trusts. */
  readonly isUpstream?: boolean;
}

/**
 * One connection through the forwarder, both sides played by hand. Every segment that is forwarded is compared with the
 * model, byte for byte.
 */
export class Dialogue {
  readonly client: Endpoint;
  /** Next sequence numbers, each side's own count. */
  clientNext: number;
  backendNext: number;
  #backend: BackendState = { hasTalked: false };
  #told: Told | undefined;
  readonly #isUpstream: boolean;
  readonly #bed: PacketBed;
  readonly #service: ServiceOptions;
  readonly #clientIsn: number;
  readonly #firstBackendIsn: number;
  #translation: Translation | undefined;
  #slot: Pick<ConnectionView, 'slot' | 'generation'> | undefined;

  constructor(bed: PacketBed, { options }: Service, of: DialogueOptions = {}) {
    this.#bed = bed;
    this.#service = options;
    this.client = of.client ?? newClient(options.listen.address.includes(':') ? '2001:db8:c::7' : undefined);
    this.#isUpstream = of.isUpstream ?? false;
    this.#clientIsn = of.clientIsn ?? 1_000_000;
    this.#firstBackendIsn = of.backendIsn ?? 5_000_000;
    this.clientNext = this.#clientIsn;
    this.backendNext = this.#firstBackendIsn;
  }

  /** The number of the backend's newest SYN-ACK. */
  get backendIsn(): number {
    return this.#backend.isn ?? 0;
  }

  /** What the forwarder chose for the connection. */
  get translation(): Translation {
    if (this.#translation === undefined) throw new Error('no SYN has been forwarded yet');
    return this.#translation;
  }

  /** The forwarder's entry for it, at this moment. */
  get connection(): ConnectionView | undefined {
    return this.#bed.connectionOf(this.client, this.#service.listen);
  }

  /** Lets so many seconds pass without a segment. */
  wait(seconds: number): void {
    this.#bed.age(this.client, this.#service.listen, seconds);
  }

  /** Makes the next segment, either way, look for its next hop again. */
  forgetRoutes(): void {
    this.#bed.forgetRoutes(this.client, this.#service.listen);
  }

  /** The client's SYN, and what became of it. */
  syn(part: Part = {}): Outcome {
    this.clientNext = part.seq ?? this.#clientIsn;
    return this.fromClient({ flags: FLAG.SYN, ack: 0, ...part });
  }

  synAck(part: Part = {}): Outcome {
    this.backendNext = part.seq ?? this.#firstBackendIsn;
    return this.fromBackend({ flags: FLAG.SYN | FLAG.ACK, ...part });
  }

  /** SYN, SYN-ACK, and the ACK that completes the handshake. */
  handshake(parts: { readonly syn?: Part; readonly synAck?: Part; readonly ack?: Part } = {}): this {
    this.#mustForward(this.syn(parts.syn));
    this.#mustForward(this.synAck(parts.synAck));
    this.#mustForward(this.fromClient(parts.ack));
    return this;
  }

  /** A handshake, a request and its answer, acknowledged: from here on there is no TOA any more. */
  exchange(): this {
    this.handshake();
    this.#mustForward(this.fromClient({ payload: Buffer.from('request') }));
    this.#mustForward(this.fromBackend({ payload: Buffer.from('answer') }));
    this.#mustForward(this.fromClient());
    return this;
  }

  /** The client's next segment as it would arrive. */
  clientFrame(part: Part = {}): TcpFrame {
    const listen = this.#service.listen;
    const tcp = { seq: this.clientNext, ack: this.backendNext, ...part };
    return frameBetween(this.client, listen, tcp, MAC.clientRouter, MAC.clients);
  }

  /** The backend's next segment as it would arrive. */
  backendFrame(part: Part = {}): TcpFrame {
    const { local, backend, sequenceShift, toBackend } = this.translation;
    const ack = (this.clientNext + sequenceShift) >>> 0;
    const vlan = toBackend.vlan === undefined ? {} : { vlan: toBackend.vlan };
    const tcp = { seq: this.backendNext, ack, ...vlan, ...part };
    return frameBetween(backend, local, tcp, toBackend.destination, toBackend.source);
  }

  /** Sends a segment of the client's: the next one, an ACK without payload, unless told otherwise. */
  fromClient(part: Part = {}): Outcome {
    const frame = this.clientFrame(part);
    if (this.#isOver() && !(frame.tcp.flags & FLAG.RST))
      this.#backend = { ...this.#backend, hasTalked: false };
    const outcome = this.#bed.send(frame, 'clients');
    if (part.seq === undefined) this.clientNext = after(frame.tcp);
    if (outcome.counted.toBackend !== 1) return outcome;
    if (frame.tcp.flags === FLAG.SYN) this.#learn(frame);
    const tagged = this.#tagged(frame);
    const expected = this.#towardsBackend(frame, tagged);
    assertFrame(outcome.bytes, withAnyId(expected, frame, outcome.bytes), 'what went to the backend');
    assert.deepEqual(
      onlyTagging(outcome.counted),
      { ...this.#scrubbing(frame), ...tagged?.counted },
      'what was counted',
    );
    if (tagged !== undefined) this.#told = tagged.told;
    return outcome;
  }

  /** Sends a segment of the backend's: the next one, an ACK without payload, unless told otherwise. */
  fromBackend(part: Part = {}): Outcome {
    const frame = this.backendFrame(part);
    const outcome = this.#bed.send(frame, routeTo(this.translation.backend.address).port);
    if (part.seq === undefined || frame.tcp.flags & FLAG.SYN) this.backendNext = after(frame.tcp);
    this.#backend = backendAfter(this.#backend, frame.tcp);
    if (outcome.counted.toClient !== 1) return outcome;
    const expected = toClient(frame, this.translation);
    assertFrame(outcome.bytes, withAnyId(expected, frame, outcome.bytes), 'what went to the client');
    return outcome;
  }

  /** Whether a segment of a side's is longer, when it has been translated, than the way to the other side takes. */
  isTooBig(side: 'client' | 'backend', part: Part): boolean {
    const { client, backend } = this.translation;
    if (side === 'backend')
      return (
        buildPacket(toClient(this.backendFrame(part), this.translation)).length > routeTo(client.address).mtu
      );
    const frame = this.clientFrame(part);
    return (
      buildPacket(this.#towardsBackend(frame, this.#tagged(frame))).length > routeTo(backend.address).mtu
    );
  }

  /** What the forwarder knows of a new connection, checked against what was asked for. */
  #learn({ tcp }: TcpFrame): void {
    const found = this.connection;
    assert.ok(found !== undefined, 'the table has the connection');
    const { listen, local, backend, isn, sequenceShift, timestampShift } = found;
    assert.deepEqual(listen, this.#service.listen);
    assert.ok(this.#service.backends.some(({ address, port }) => isSame({ address, port }, backend)));
    if (this.#translation === undefined) assert.equal((tcp.seq + sequenceShift) >>> 0, isn);
    this.#slot = found;
    this.#translation = {
      client: this.client,
      listen,
      local,
      backend,
      sequenceShift,
      timestampShift,
      toBackend: routeTo(backend.address).ethernet,
      toClient: routeTo(this.client.address).ethernet,
      mssMost: routeTo(backend.address).mtu - headerLength(backend.address) - TCP_HEADER_BYTES,
      mssLess: this.#mssLess(),
      stripsTimestamps: this.#service.flags?.includes('stripTimestamps') ?? false,
    };
  }

  #towardsBackend(frame: TcpFrame, tagged: Tagged | undefined): TcpFrame {
    return toBackend(frame, this.translation, tagged?.options);
  }

  /** Whether the backend may have forgotten the connection: somebody has reset it, or both have finished. */
  #isOver(): boolean {
    if (this.#slot === undefined) return false;
    const now = this.#bed.connectionIn(this.#slot.slot);
    const flags = new Set<string>(now?.generation === this.#slot.generation ? now.flags : []);
    return (
      ['resetClient', 'resetBackend', 'resetDoubted'].some((flag) => flags.has(flag)) ||
      (flags.has('finishedClient') && flags.has('finishedBackend'))
    );
  }

  /** What a segment with a chance for TOA leaves with, or undefined for all others. */
  #tagged(frame: TcpFrame): (Tagged & { readonly told: Told | undefined }) | undefined {
    const chance = chanceOf(frame.tcp, this.#backend);
    if (chance === undefined) return undefined;
    const told = this.#isUpstream ? this.#toldAfter(frame, chance) : undefined;
    const { listen, backend } = this.translation;
    const room = {
      length: buildPacket(frame).length,
      growth: headerLength(backend.address) - headerLength(listen.address),
      mtu: routeTo(backend.address).mtu,
    };
    const tagged = tag(frame, chance, this.#service, this.#speaksFor(told), room);
    const isToldNow = this.#told === undefined && told !== undefined;
    return { ...tagged, told, counted: { ...(isToldNow && { upstream: 1 }), ...tagged.counted } };
  }

  /** Of an upstream's segments nothing is counted. */
  #scrubbing({ tcp }: TcpFrame): Counts {
    return !this.#isUpstream && hasToa(tcp.options) ? { scrubbed: 1 } : {};
  }

  #toldAfter(frame: TcpFrame, chance: Chance): Told | undefined {
    const isAnotherHandshake = chance === 'syn' && frame.tcp.seq !== this.#clientIsn;
    return toldAfter(isAnotherHandshake ? undefined : this.#told, frame, chance);
  }

  #speaksFor(told: Told | undefined): Endpoint | undefined {
    return this.#isUpstream ? told?.client : this.client;
  }

  #mssLess(): number {
    const { tagOn = ['data'], kind4 = 254, kind6 = 254 } = this.#service;
    if (!tagOn.includes('data')) return 0;
    if (this.#isUpstream) return kind6 ? 20 : kind4 ? 8 : 0;
    if (this.client.address.includes(':')) return kind6 ? 20 : 0;
    return kind4 ? 8 : 0;
  }

  #mustForward({ verdict, counted }: Outcome): void {
    assert.ok(verdict === 'redirect' || verdict === 'tx', `${verdict}: ${JSON.stringify(counted)}`);
  }
}

const TAGGING = [
  'taggedSyn',
  'taggedAck',
  'taggedData',
  'scrubbed',
  'upstream',
  'noKind',
  'notTold',
  'noRoom',
  'noRoomMtu',
  'compacted',
  'timestampsGivenUp',
] as const;

function onlyTagging(counted: Counts): Counts {
  return Object.fromEntries(TAGGING.filter((name) => counted[name]).map((name) => [name, counted[name]]));
}

let nextListen = 0;

/** A dialogue with a service of its own, IPv4 or IPv6 on both sides unless told otherwise. */
export function talk(
  bed: PacketBed,
  service: Partial<ServiceOptions> = {},
  family: 4 | 6 = 4,
  of: DialogueOptions = {},
): Dialogue {
  nextListen += 1;
  const listen = { address: family === 4 ? '198.51.100.10' : '2001:db8:5::10', port: nextListen };
  const backends = [{ address: family === 4 ? '10.1.1.1' : 'fd00:1::1:1', port: 80 }];
  return new Dialogue(bed, bed.addService({ listen, backends, ...service }), of);
}

const TCP_HEADER_BYTES = 20;

function headerLength(address: string): number {
  return address.includes(':') ? 40 : 20;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
