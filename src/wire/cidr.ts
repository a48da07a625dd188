import { AddressError, familyOf, formatAddress, parseAddress } from './address.js';

/** A network in the IPv4-mapped IPv6 space, where `10.0.0.0/8` is `::ffff:10.0.0.0/104`. */
export interface Cidr {
  /** 16 bytes in network order; all host bits are 0. */
  readonly address: Uint8Array;
  /** 0..128 */
  readonly prefix: number;
}

const DECIMAL_PREFIX = /^(0|[1-9][0-9]{0,2})$/;
const V4_MAPPED_PREFIX = 96;
const V4_MAPPED = parseAddress('0.0.0.0');

function masked(address: Uint8Array, prefix: number): Uint8Array {
  return address.map((byte, i) => byte & (0xff00 >> Math.min(Math.max(prefix - i * 8, 0), 8)));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or a bare address, which is a network
 * of that one address.
 *
 * An IPv6 network that contains `::ffff:0:0/96` is refused: IPv4 lives there,
 * so `::/0` would quietly mean every IPv4 address too.
 *
 * @throws {AddressError} when the address or the prefix is wrong, or host bits are set
 */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (slash < 0) return { address, prefix: 128 };

  const dotted = !text.slice(0, slash).includes(':');
  const longest = dotted ? 32 : 128;
  const prefixText = text.slice(slash + 1);
  if (!DECIMAL_PREFIX.test(prefixText) || Number(prefixText) > longest) {
    const family = dotted ? 'IPv4' : 'IPv6';
    throw new AddressError(`${JSON.stringify(text)}: an ${family} prefix is a number from 0 to ${longest}`);
  }
  const prefix = Number(prefixText) + (dotted ? V4_MAPPED_PREFIX : 0);

  const network = masked(address, prefix);
  if (prefix < V4_MAPPED_PREFIX && same(network, masked(V4_MAPPED, prefix))) {
    throw new AddressError(
      `${JSON.stringify(text)} contains every IPv4 address too: name the IPv6 networks meant, such as 2000::/3`,
    );
  }
  if (!same(network, address)) {
    const right = formatCidr({ address: network, prefix });
    throw new AddressError(`${JSON.stringify(text)} has host bits set: write ${right}`);
  }
  return { address, prefix };
}

/** The canonical text: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1/32`. `parseCidr` gives the same network back. */
export function formatCidr(cidr: Cidr): string {
  const asV4 = cidr.prefix >= V4_MAPPED_PREFIX && familyOf(cidr.address) === 4;
  return `${formatAddress(cidr.address)}/${asV4 ? cidr.prefix - V4_MAPPED_PREFIX : cidr.prefix}`;
}
