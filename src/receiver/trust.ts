import type { Descriptor } from '../kernel/descriptor.js';
import { index, update } from '../kernel/map.js';
import type { Cidr } from '../wire/index.js';
import { NETWORK, SETTINGS, TRUST_KEY } from './layout.js';
import type { ReceiverSettings } from './settings.js';

type Trust = ReceiverSettings['trust'];

/** TRUST_FEW of bpf/receiver.h: as many stand in the settings, where they are found sooner than in the map. */
const FEW = (SETTINGS.note - SETTINGS.trusted) / NETWORK.size;

/** TRUST_MAX_PREFIXES of bpf/receiver.h */
const MAX_PREFIXES = 65_536;

const ANY: Cidr = { address: new Uint8Array(16), prefix: 0 };

/** More forwarders than the kernel's map has room for. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
}

/** Puts few networks into struct receiver_settings; more are for {@link fillTrust}. */
export function encodeTrust(settings: Buffer, trust: Trust): void {
  const cidrs = networksOf(trust);
  if (cidrs.length > FEW) return;
  settings[SETTINGS.trustedFew] = cidrs.length;
  for (const [at, { address, prefix }] of cidrs.entries()) {
    const network = settings.subarray(SETTINGS.trusted + at * NETWORK.size);
    network.set(address, NETWORK.address);
    network.set(maskOf(prefix), NETWORK.mask);
  }
}

/**
 * Puts networks that are not few into the trust map of programs that are not attached yet.
 *
 * @throws {TrustError}
 */
export function fillTrust(map: Descriptor, trust: Trust): void {
  const cidrs = networksOf(trust);
  if (cidrs.length <= FEW) return;
  if (cidrs.length > MAX_PREFIXES)
    throw new TrustError(
      `trust names ${cidrs.length} networks, and there is room for ${MAX_PREFIXES}: merge neighbours into larger ones`,
    );
  for (const cidr of cidrs) {
    const key = Buffer.alloc(TRUST_KEY.size);
    key.writeUInt32LE(cidr.prefix, TRUST_KEY.prefix);
    key.set(cidr.address, TRUST_KEY.address);
    update(map, key, index(1).subarray(0, 1));
  }
}

/**
 * The reverse of {@link encodeTrust} and {@link fillTrust}.
 *
 * @param settings struct receiver_settings
 * @param keys of the trust map
 */
export function decodeTrust(settings: Buffer, keys: Iterable<Buffer>): readonly Cidr[] | 'any' {
  const few = Array.from({ length: settings[SETTINGS.trustedFew]! }, (_, at) =>
    networkAt(settings.subarray(SETTINGS.trusted + at * NETWORK.size)),
  );
  const cidrs = few.length > 0 ? few : Array.from(keys, cidrOf);
  return cidrs.some(({ prefix }) => prefix === 0) ? 'any' : cidrs;
}

function networksOf(trust: Trust): readonly Cidr[] {
  return trust === 'any' ? [ANY] : trust;
}

function cidrOf(key: Buffer): Cidr {
  return { prefix: key.readUInt32LE(TRUST_KEY.prefix), address: key.subarray(TRUST_KEY.address) };
}

function networkAt(network: Buffer): Cidr {
  const mask = network.subarray(NETWORK.mask, NETWORK.size);
  return { prefix: prefixOf(mask), address: network.subarray(NETWORK.address, NETWORK.mask) };
}

function maskOf(prefix: number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => 0xff00 >> Math.min(8, Math.max(0, prefix - 8 * at)));
}

function prefixOf(mask: Uint8Array): number {
  return mask.reduce((ones, byte) => ones + byte.toString(2).replaceAll('0', '').length, 0);
}
