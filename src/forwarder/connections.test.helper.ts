import { parseAddress } from '../wire/index.js';
import { tickNow } from './clock.js';
import { ENDPOINTS } from './connection.js';
import { CONNECTION, CONNECTION_FLAGS } from './layout.js';
import type { StructArray } from './words.js';

/** What a connection in a table of {@link tableOf} is like; what is not said is as in most of them. */
export interface TableEntry {
  readonly client?: readonly [address: string, port: number];
  readonly sender?: readonly [address: string, port: number];
  readonly backend?: readonly [address: string, port: number];
  readonly backendNumber?: number;
  readonly service?: number;
  readonly flags?: number;
  readonly createdMsAgo?: number;
}

const ESTABLISHED = CONNECTION_FLAGS.open | CONNECTION_FLAGS.answered | CONNECTION_FLAGS.established;

/** struct connection */
export function connectionBytes(entry: TableEntry): Buffer {
  const { client = ['203.0.113.7', 4242], backend = ['10.0.1.11', 8443] } = entry;
  const bytes = Buffer.alloc(CONNECTION.size);
  const put = (place: { address: number; port: number }, [address, port]: readonly [string, number]) => {
    bytes.set(parseAddress(address), place.address);
    bytes.writeUInt16BE(port, place.port);
  };
  put(ENDPOINTS.client, client);
  put(ENDPOINTS.sender, entry.sender ?? client);
  put(ENDPOINTS.listen, ['198.51.100.10', 443]);
  put(ENDPOINTS.local, [backend[0].includes(':') ? 'fd00::10' : '10.0.0.10', 1024]);
  put(ENDPOINTS.backend, backend);
  const created = tickNow() - Math.round((entry.createdMsAgo ?? 0) / 1.048576);
  bytes.writeUInt32LE(created >>> 0, CONNECTION.created);
  bytes.writeUInt32LE(tickNow(), CONNECTION.seen);
  bytes.writeUInt32LE(1, CONNECTION.generation);
  bytes.writeUInt32LE(entry.flags ?? ESTABLISHED, CONNECTION.flags);
  bytes.writeUInt32LE(entry.backendNumber ?? 1, CONNECTION.backend);
  bytes.writeUInt16LE(entry.service ?? 1, CONNECTION.service);
  return bytes;
}

/** A table as the kernel keeps it; undefined is a free slot. */
export function tableOf(entries: readonly (TableEntry | undefined)[]): StructArray {
  const bytes = Buffer.concat(
    entries.map((entry) => (entry === undefined ? Buffer.alloc(CONNECTION.size) : connectionBytes(entry))),
  );
  return {
    length: entries.length,
    word: (index, offset) => bytes.readUInt32LE(index * CONNECTION.size + offset),
    read: (index, offset = 0, length = CONNECTION.size) =>
      Buffer.from(bytes.subarray(index * CONNECTION.size + offset).subarray(0, length)),
  };
}
