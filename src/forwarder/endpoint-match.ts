import { type Cidr, parseAddress, parseCidr, parseEndpoint } from '../wire/index.js';
import { portAt, type StructArray } from './words.js';

/** Addresses, and where it matters a port: `10.0.1.11`, `10.0.1.0/24`, `10.0.1.11:8443`, `[2001:db8::1]:443`. */
export interface EndpointPattern {
  readonly network: Cidr;
  readonly port?: number;
}

const WITH_PORT = /^(?:\[.*\]|[^:]*):\d+$/;

/** @throws {AddressError} */
export function parsePattern(text: string): EndpointPattern {
  if (!WITH_PORT.test(text)) return { network: parseCidr(text) };
  const { address, port } = parseEndpoint(text);
  return { network: { address: parseAddress(address), prefix: 128 }, port };
}

/** Where a struct has an address and a port, by their offsets in bytes. */
interface Place {
  readonly address: number;
  readonly port: number;
}

/** Compares addresses where they are, which a million of them wants. */
export function matcher(
  { network, port }: EndpointPattern,
  place: Place,
): (array: StructArray, index: number) => boolean {
  const { address, prefix } = network;
  const mask = Uint8Array.from(
    { length: 16 },
    (_, at) => 0xff00 >> Math.min(Math.max(prefix - at * 8, 0), 8),
  );
  const words = wordsOf(address);
  const masks = wordsOf(mask);
  const compared = [0, 1, 2, 3].filter((at) => masks[at] !== 0).reverse();
  return (array, index) =>
    compared.every((at) => (array.word(index, place.address + 4 * at) & masks[at]!) >>> 0 === words[at]) &&
    (port === undefined || portAt(array, index, place.port) === port);
}

/** 16 bytes as the four words that they are in memory. */
function wordsOf(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes);
  return [0, 4, 8, 12].map((at) => buffer.readUInt32LE(at));
}
