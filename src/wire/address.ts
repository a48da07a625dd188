import ipaddr from 'ipaddr.js';

/** An address, endpoint or CIDR text that cannot be read. The message quotes the text and says what would be right. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

const OCTET = '(0|[1-9][0-9]{0,2})';
const DOTTED_QUAD = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);
const V4_MAPPED_HEAD = 12;

function ipv4Octets(text: string): number[] | undefined {
  const [, a, b, c, d] = DOTTED_QUAD.exec(text) ?? [];
  const octets = [Number(a), Number(b), Number(c), Number(d)];
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

/**
 * `::ffff:192.0.2.1` as `::ffff:c000:201`. ipaddr.js would read `::192.0.2.1`
 * as IPv4-mapped, and would take octal and hexadecimal octets here.
 */
function withoutDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const tailAt = text.lastIndexOf(':') + 1;
  const octets = ipv4Octets(text.slice(tailAt));
  if (octets === undefined) return undefined;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${text.slice(0, tailAt)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function ipv6Bytes(text: string): number[] | undefined {
  if (text.includes('%')) return undefined;
  const groups = withoutDottedTail(text);
  if (groups === undefined || !ipaddr.IPv6.isValid(groups)) return undefined;
  return ipaddr.IPv6.parse(groups).toByteArray();
}

/** Field by field: configurations hold many addresses, and Uint8Array.from() takes ten times as long. */
function mapped(octets: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[10] = bytes[11] = 0xff;
  for (let at = 0; at < octets.length; at++) bytes[V4_MAPPED_HEAD + at] = octets[at]!;
  return bytes;
}

/**
 * Reads an IPv4 address (four decimal octets, nothing shorter, no leading
 * zeros) or an IPv6 address (RFC 4291, section 2.2) without a zone id.
 *
 * @returns 16 bytes in network order; IPv4 as `::ffff:a.b.c.d`
 * @throws {AddressError} when the text is neither
 */
export function parseAddress(text: string): Uint8Array {
  const octets = ipv4Octets(text);
  if (octets !== undefined) return mapped(octets);
  const bytes = ipv6Bytes(text);
  if (bytes !== undefined) return Uint8Array.from(bytes);
  const reason = text.includes('%') ? 'a zone id means nothing in a TCP option' : 'not an IP address';
  throw new AddressError(`${JSON.stringify(text)}: ${reason}: write one like 203.0.113.7 or 2001:db8::7`);
}

/** @throws {RangeError} when `bytes` is not 16 bytes long */
function assertAddressBytes(bytes: Uint8Array): void {
  if (bytes.length !== 16) throw new RangeError(`an address is 16 bytes long, not ${bytes.length}`);
}

/**
 * 4 for an IPv4-mapped address (`::ffff:0:0/96`), else 6.
 *
 * @param bytes 16 bytes in network order
 */
export function familyOf(bytes: Uint8Array): 4 | 6 {
  assertAddressBytes(bytes);
  for (let at = 0; at < V4_MAPPED_HEAD; at++) if (bytes[at] !== (at < 10 ? 0 : 0xff)) return 6;
  return 4;
}

/**
 * The canonical text of an address: a dotted quad for an IPv4-mapped one,
 * else RFC 5952. `parseAddress` gives the same 16 bytes back.
 *
 * @param bytes 16 bytes in network order
 */
export function formatAddress(bytes: Uint8Array): string {
  if (familyOf(bytes) === 4) return `${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`;
  return new ipaddr.IPv6([...bytes]).toRFC5952String();
}
