import { NotSeenError } from './errors.js';
import { Inbox } from './inbox.js';
import { buildSegment, FLAG, type Segment } from './segments.js';
import { timestampsOption, tsvalOf } from './tcp-options.js';

export interface Endpoint {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  readonly port: number;
}

/** Raw option bytes, or what makes them when the segment is built: `(c) => c.timestamps()`. */
export type Options = Uint8Array | ((connection: HandmadeConnection) => Uint8Array);

/** What to say in a segment; what is not given follows from the connection. */
export interface SegmentParts {
  /** {@link FLAG}s, or-ed; ACK unless given. */
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  /** 65535 unless given. */
  readonly window?: number;
  readonly options?: Options;
  readonly payload?: Uint8Array | string;
}

/**
 * The client's end of one TCP connection, every segment of which is sent on purpose: nothing is
 * acknowledged, retransmitted or refused unless the caller says so.
 */
export class HandmadeConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Sequence number of the next new byte we send. */
  seq: number;
  /** Sequence number of the next byte expected from the server: what we acknowledge. 0 before its SYN-ACK. */
  ack = 0;
  /** The server's latest TSval, 0 without one. */
  #tsecr = 0;
  readonly #inbox = new Inbox<Segment>();
  readonly #transmit: (packet: Uint8Array) => void;

  /** See {@link HandmadeClient.open}. */
  constructor(from: Endpoint, to: Endpoint, isn: number, transmit: (packet: Uint8Array) => void) {
    this.local = from;
    this.remote = to;
    this.seq = isn;
    this.#transmit = transmit;
  }

  /** Builds a segment as {@link send} would send it now, and sends nothing. */
  build({ flags = FLAG.ACK, options, payload = '', ...numbers }: SegmentParts = {}): Uint8Array {
    return buildSegment({
      src: this.local.address,
      sport: this.local.port,
      dst: this.remote.address,
      dport: this.remote.port,
      seq: this.seq,
      ack: (flags & FLAG.ACK) === 0 ? 0 : this.ack,
      window: 65_535,
      ...numbers,
      flags,
      options: typeof options === 'function' ? options(this) : (options ?? new Uint8Array()),
      payload: Buffer.from(payload),
    });
  }

  /** Sends one segment. Unless it has a `seq` of its own (a retransmission), {@link seq} moves on past it. */
  send(parts: SegmentParts = {}): void {
    this.#transmit(this.build(parts));
    if (parts.seq === undefined) this.advance(parts);
  }

  /** Counts a segment as sent: for one that was built, and goes out later or never. */
  advance({ flags = FLAG.ACK, payload = '' }: SegmentParts): void {
    const controls = Number((flags & FLAG.SYN) !== 0) + Number((flags & FLAG.FIN) !== 0);
    this.seq = (this.seq + Buffer.from(payload).length + controls) >>> 0;
  }

  /**
   * Takes the oldest segment from the server that is wanted, among those that arrived and those to come.
   *
   * @throws {NotSeenError} after `timeoutMs`.
   */
  next(wanted: (segment: Segment) => boolean = () => true, timeoutMs?: number): Promise<Segment> {
    const { local, remote } = this;
    const what = `a segment from ${remote.address} port ${remote.port} to ${local.address} port ${local.port}`;
    return this.#inbox.next(what, wanted, timeoutMs);
  }

  /**
   * Waits for the SYN-ACK and takes over its sequence number; nothing is sent.
   *
   * @throws {NotSeenError} when the server answers with RST or not at all.
   */
  async synAck(): Promise<Segment> {
    const segment = await this.next(({ flags }) => (flags & (FLAG.SYN | FLAG.RST)) !== 0);
    if ((segment.flags & FLAG.RST) !== 0) throw new NotSeenError(`${this.remote.address} answered with RST`);
    this.ack = (segment.seq + 1) >>> 0;
    return segment;
  }

  /**
   * Collects what the server sends, acknowledging each piece, until `enough` or its FIN.
   *
   * @param enough sees everything collected; by default a whole line.
   * @throws {NotSeenError} when the server sends RST, or stops sending.
   */
  async read(enough: (received: Buffer) => boolean = endsLine): Promise<Buffer> {
    let received = Buffer.alloc(0);
    while (!enough(received)) {
      const { flags, payload } = await this.next(
        ({ seq, flags, payload }) =>
          (flags & FLAG.RST) !== 0 || (seq === this.ack && (payload.length > 0 || (flags & FLAG.FIN) !== 0)),
      );
      if ((flags & FLAG.RST) !== 0) throw new NotSeenError(`the server sent RST after "${received}"`);
      received = Buffer.concat([received, payload]);
      this.ack = (this.ack + payload.length + Number((flags & FLAG.FIN) !== 0)) >>> 0;
      this.send();
      if ((flags & FLAG.FIN) !== 0) break;
    }
    return received;
  }

  /** The timestamps option, 12 bytes with two NOPs: our clock, and the server's latest TSval as echo. */
  timestamps(): Uint8Array {
    return timestampsOption(Math.trunc(performance.now()), this.#tsecr);
  }

  /** For the owner of the TUN device: a segment of the server. */
  arrive(segment: Segment): void {
    this.#tsecr = tsvalOf(segment.options) ?? this.#tsecr;
    this.#inbox.push(segment);
  }
}

function endsLine(received: Buffer): boolean {
  return received.at(-1) === 0x0a;
}
