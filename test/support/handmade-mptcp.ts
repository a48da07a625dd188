import type { HandmadeConnection } from '../../src/lab/handmade-connection.js';
import { FLAG } from '../../src/lab/segments.js';
import { splitOptions } from '../../src/wire/index.js';
import { BACKEND, FORWARDER, type HandmadeBackend } from './handmade.js';
import { hex } from './options.js';

/** RFC 8684, section 3.1: MP_CAPABLE, version 1, HMAC-SHA256, without and with the keys of both ends. */
const MP_CAPABLE = 30;
const ASK = hex('1e04 01 01');
const OWN_KEY = hex('0011223344556677');
const capable = (key: Uint8Array): Uint8Array => Buffer.concat([hex('1e14 01 01'), OWN_KEY, key]);

/** Shakes hands by hand as MPTCP does over IPv4. `toa` goes first on the segment that completes the handshake. */
export async function connectMptcp(
  { client }: HandmadeBackend,
  port: number,
  toa: Uint8Array,
): Promise<HandmadeConnection> {
  const connection = client.open(FORWARDER.ipv4, { address: BACKEND.ipv4, port });
  connection.send({ flags: FLAG.SYN, options: (c) => Buffer.concat([c.timestamps(), ASK]) });
  const { options } = await connection.synAck();
  const answer = splitOptions(options).find(({ kind }) => kind === MP_CAPABLE);
  const key = answer!.bytes.subarray(4);
  connection.send({ options: (c) => Buffer.concat([toa, c.timestamps(), capable(key)]) });
  return connection;
}
