import { ENDPOINTS } from '../../../src/forwarder/connection.js';
import { CONNECTION, CONNECTION_FLAGS, DIRECTION, WAY } from '../../../src/forwarder/layout.js';
import { ticksOf } from '../../../src/forwarder/ticks.js';
import type { MappedArray } from '../../../src/kernel/mapped-array.js';
import { formatAddress } from '../../../src/wire/address.js';
import type { Endpoint } from './structs.js';

type FlagName = keyof typeof CONNECTION_FLAGS;

/** One connection of the forwarder's table, as it is at this moment. */
export interface ConnectionView {
  readonly slot: number;
  readonly generation: number;
  readonly flags: readonly FlagName[];
  readonly backendNumber: number;
  readonly service: number;
  /** As TOA says it. */
  readonly taggedClient: Endpoint;
  readonly client: Endpoint;
  readonly listen: Endpoint;
  readonly local: Endpoint;
  readonly backend: Endpoint;
  readonly isn: number;
  readonly backendIsn: number;
  readonly sequenceShift: number;
  readonly timestampShift: number;
}

/** The connection in a slot; undefined where there is none. */
export function connectionIn(table: MappedArray, slot: number): ConnectionView | undefined {
  const bytes = table.read(slot);
  const bits = bytes.readUInt32LE(CONNECTION.flags);
  if ((bits & CONNECTION_FLAGS.open) === 0) return undefined;
  const endpoint = ({ address, port }: (typeof ENDPOINTS)[keyof typeof ENDPOINTS]): Endpoint => ({
    address: formatAddress(Uint8Array.from(bytes.subarray(address, address + 16))),
    port: bytes.readUInt16BE(port),
  });
  return {
    slot,
    generation: bytes.readUInt32LE(CONNECTION.generation),
    flags: (Object.keys(CONNECTION_FLAGS) as FlagName[]).filter((name) => bits & CONNECTION_FLAGS[name]),
    backendNumber: bytes.readUInt32LE(CONNECTION.backend),
    service: bytes.readUInt16LE(CONNECTION.service),
    taggedClient: endpoint(ENDPOINTS.client),
    client: endpoint(ENDPOINTS.sender),
    listen: endpoint(ENDPOINTS.listen),
    local: endpoint(ENDPOINTS.local),
    backend: endpoint(ENDPOINTS.backend),
    isn: bytes.readUInt32LE(CONNECTION.isn),
    backendIsn: bytes.readUInt32LE(CONNECTION.backendIsn),
    sequenceShift: bytes.readUInt32LE(CONNECTION.sequenceShift),
    timestampShift: bytes.readUInt32LE(CONNECTION.timestampShift),
  };
}

/** Moves all that happened on a connection so many seconds into the past. */
export function age(table: MappedArray, slot: number, seconds: number): void {
  for (const time of [CONNECTION.created, CONNECTION.seen])
    table.setWord(slot, time, (table.word(slot, time) - ticksOf(seconds * 1000)) >>> 0);
}

/** Makes the next segment of a connection, either way, look for its next hop again. */
export function forgetRoutes(table: MappedArray, slot: number): void {
  for (const direction of Object.values(DIRECTION)) {
    const at = CONNECTION.to + direction * WAY.size + WAY.checked;
    table.setWord(slot, at, (table.word(slot, at) - ticksOf(2000)) >>> 0);
  }
}
