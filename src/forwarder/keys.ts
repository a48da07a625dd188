import { type Cidr, type Endpoint, parseAddress } from '../wire/index.js';
import { LISTENER, STATION, UPSTREAM_KEY } from './layout.js';

/*
 * Keys of the forwarder's hash maps, as text with a character for each byte, so that they can be compared, and be keys
 * in JavaScript too.
 */

/** A key of the map `listeners`. */
export function listenerKey({ address, port }: Required<Endpoint>): string {
  const bytes = Buffer.alloc(LISTENER.size);
  bytes.set(parseAddress(address), LISTENER.address);
  bytes.writeUInt16BE(port, LISTENER.port);
  return fromBytes(bytes);
}

/** A key of the map `addresses`. */
export function addressKey(address: string): string {
  return fromBytes(parseAddress(address));
}

/** How many bits the service's number is in front of an address. */
const SERVICE_BITS = 16;

/** A key of the map `upstreams`: a network that a service trusts. */
export function upstreamKey(service: number, { address, prefix }: Cidr): string {
  const bytes = Buffer.alloc(UPSTREAM_KEY.size);
  bytes.writeUInt32LE(SERVICE_BITS + prefix, UPSTREAM_KEY.prefixLength);
  bytes.writeUInt16BE(service, UPSTREAM_KEY.service);
  bytes.set(address, UPSTREAM_KEY.address);
  return fromBytes(bytes);
}

/** A key of the map `stations`. @param mac as `02:00:00:00:00:01` */
export function stationKey(mac: string): string {
  const bytes = Buffer.alloc(STATION.size);
  bytes.write(mac.replaceAll(':', ''), STATION.mac, 'hex');
  return fromBytes(bytes);
}

export function fromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function toBytes(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}
