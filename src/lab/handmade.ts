import { randomInt } from 'node:crypto';
import { type Endpoint, HandmadeConnection, type Options } from './handmade-connection.js';
import { addressBytes, addressText } from './ip-packet.js';
import { FLAG, parseSegment } from './segments.js';
import type { Tun } from './tun.js';

/** One three-way handshake; what is not given is ordinary. */
export interface ConnectOptions {
  /** An address on the far side of the TUN device, and any port. */
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly synOptions?: Options;
  readonly ackOptions?: Options;
  /** The third ACK gets lost: the first data segment completes the handshake. */
  readonly lostAck?: boolean;
}

export interface ExchangeOptions extends ConnectOptions {
  readonly payload: Uint8Array | string;
  /** Options of the segment with the payload. */
  readonly dataOptions?: Options;
  /** When the answer is complete: a whole line by default, and at the server's FIN anyway. */
  readonly enough?: (received: Buffer) => boolean;
}

/**
 * TCP clients that are played by hand over a TUN device, with any option bytes on any segment. One for each
 * device; thousands of connections at a time are fine.
 */
export class HandmadeClient {
  readonly #tun: Tun;
  readonly #connections = new Map<string, HandmadeConnection>();

  constructor(tun: Tun) {
    this.#tun = tun;
    tun.divert((packet) => {
      const segment = parseSegment(packet);
      if (segment === undefined) return false;
      const { src, sport, dst, dport } = segment;
      const connection = this.#connections.get(
        keyOf({ address: dst, port: dport }, { address: src, port: sport }),
      );
      connection?.arrive(segment);
      return connection !== undefined;
    });
  }

  /** A connection of which nothing has been sent yet: from here on every segment is the caller's. */
  open(from: Endpoint, to: Endpoint): HandmadeConnection {
    const connection = new HandmadeConnection(from, to, randomInt(2 ** 32), (packet) =>
      this.#tun.send(packet),
    );
    this.#connections.set(keyOf(from, to), connection);
    return connection;
  }

  /**
   * Shakes hands: SYN, SYN-ACK, and the third ACK unless it is to be lost.
   *
   * @throws {NotSeenError} when the server answers with RST or not at all.
   */
  async connect({
    from,
    to,
    synOptions,
    ackOptions,
    lostAck = false,
  }: ConnectOptions): Promise<HandmadeConnection> {
    const connection = this.open(from, to);
    connection.send({ flags: FLAG.SYN, ...(synOptions && { options: synOptions }) });
    await connection.synAck();
    if (!lostAck) connection.send({ ...(ackOptions && { options: ackOptions }) });
    return connection;
  }

  /**
   * A whole connection: handshake, payload, the server's answer, RST.
   *
   * @throws {NotSeenError} when the server sends RST or no complete answer.
   */
  async exchange({ payload, dataOptions, enough, ...options }: ExchangeOptions): Promise<Buffer> {
    const connection = await this.connect(options);
    connection.send({ flags: FLAG.PSH | FLAG.ACK, payload, ...(dataOptions && { options: dataOptions }) });
    const received = await connection.read(enough);
    this.reset(connection);
    return received;
  }

  /** Ends a connection with RST and forgets it: its addresses and ports are free for another one. */
  reset(connection: HandmadeConnection): void {
    connection.send({ flags: FLAG.RST | FLAG.ACK });
    this.#connections.delete(keyOf(connection.local, connection.remote));
  }
}

/** Addresses can be written in several ways: compare them as the kernel's packets spell them. */
function keyOf(from: Endpoint, to: Endpoint): string {
  return [from, to].map(({ address, port }) => `${addressText(addressBytes(address))} ${port}`).join(' ');
}
