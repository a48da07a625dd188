import { familyOf, formatAddress, parseAddress } from './address.js';
import type { Endpoint } from './endpoint.js';
import {
  type EndpointField,
  FORMATS,
  type FormatInfo,
  type IntegerField,
  type SomeFormat,
} from './formats.js';
import { toHex } from './hex.js';

/** An option that cannot be written, or bytes that are not an option of the format asked for. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * What one TOA option says. `format` decides which of the other fields are
 * there: exactly those its layout in {@link FORMATS} has.
 */
export interface ToaOption {
  /** 2..255 */
  readonly kind: number;
  readonly format: SomeFormat;
  /** The client. No port in the address-only formats. */
  readonly client?: Endpoint;
  /** The address the client connected to. No port in VTOA6. */
  readonly vip?: Endpoint;
  /** The VPC tunnel's id: 32 bits in VTOA4, 24 in VTOA6. */
  readonly vid?: number;
  /** The VPC's id, 32 bits. */
  readonly vpc?: number;
}

const PARTS = ['client', 'vip', 'vid', 'vpc'] as const;

function assertInteger(what: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new OptionError(`${what} ${value} does not fit: it is an integer from ${low} to ${high}`);
  }
}

function assertParts(option: ToaOption, info: FormatInfo): void {
  for (const part of PARTS) {
    if (info[part] !== undefined && option[part] === undefined) {
      throw new OptionError(`format ${info.name} carries a ${part}, and none is given`);
    }
    if (info[part] === undefined && option[part] !== undefined) {
      throw new OptionError(`format ${info.name} carries no ${part}, but one is given`);
    }
  }
}

function writeInteger(bytes: Uint8Array, field: IntegerField, value: number): void {
  for (let i = 0; i < field.size; i += 1) {
    const place = field.littleEndian ? i : field.size - 1 - i;
    bytes[field.at + i] = Math.floor(value / 256 ** place) & 0xff;
  }
}

function readInteger(bytes: Uint8Array, field: IntegerField): number {
  let value = 0;
  for (let i = 0; i < field.size; i += 1) {
    const place = field.littleEndian ? i : field.size - 1 - i;
    value += bytes[field.at + i]! * 256 ** place;
  }
  return value;
}

function portField(at: number): IntegerField {
  return { at, size: 2, littleEndian: false };
}

function writeEndpoint(bytes: Uint8Array, what: string, field: EndpointField, endpoint: Endpoint): void {
  const address = parseAddress(endpoint.address);
  if (field.family === 4 && familyOf(address) === 6) {
    throw new OptionError(`${what} ${endpoint.address} is IPv6, and this format has room for IPv4`);
  }
  bytes.set(field.family === 4 ? address.subarray(12) : address, field.addressAt);
  if (field.portAt === undefined) {
    if (endpoint.port !== undefined) {
      throw new OptionError(`${what} port ${endpoint.port}: this format has no room for a port`);
    }
    return;
  }
  if (endpoint.port === undefined) throw new OptionError(`${what} ${endpoint.address}: its port is missing`);
  assertInteger(`${what} port`, endpoint.port, 0, 65535);
  writeInteger(bytes, portField(field.portAt), endpoint.port);
}

function readEndpoint(bytes: Uint8Array, field: EndpointField): Endpoint {
  const size = field.family === 4 ? 4 : 16;
  const address = parseAddress('0.0.0.0');
  address.set(bytes.subarray(field.addressAt, field.addressAt + size), 16 - size);
  const text = formatAddress(address);
  if (field.portAt === undefined) return { address: text };
  return { address: text, port: readInteger(bytes, portField(field.portAt)) };
}

/**
 * The bytes of an option, from its kind byte on; padding is 0.
 *
 * An IPv4 address in an IPv6 format is written IPv4-mapped, which is how
 * {@link decodeOption} shows such an option.
 *
 * @throws {OptionError} when a part is missing, too many, or does not fit
 * @throws {AddressError} when an address cannot be read
 */
export function encodeOption(option: ToaOption): Uint8Array {
  const info = FORMATS[option.format];
  assertInteger('kind', option.kind, 2, 255);
  assertParts(option, info);
  const bytes = new Uint8Array(info.length);
  bytes[0] = option.kind;
  bytes[1] = info.length;
  if (info.version !== undefined) bytes[2] = info.version;
  if (info.client && option.client) writeEndpoint(bytes, 'client', info.client, option.client);
  if (info.vip && option.vip) writeEndpoint(bytes, 'vip', info.vip, option.vip);
  for (const part of ['vid', 'vpc'] as const) {
    const field = info[part];
    const value = option[part];
    if (field === undefined || value === undefined) continue;
    assertInteger(part, value, 0, 256 ** field.size - 1);
    writeInteger(bytes, field, value);
  }
  return bytes;
}

/**
 * Reads an option of a format that the walk has found.
 *
 * @param bytes from the option's kind byte on; what follows the option is not read
 * @throws {OptionError} when the bytes are not an option of this format
 */
export function decodeOption(bytes: Uint8Array, format: SomeFormat): ToaOption {
  const info = FORMATS[format];
  const [kind, length, version] = bytes;
  if (kind === undefined || kind < 2 || length !== info.length || bytes.length < info.length) {
    throw new OptionError(
      `"${toHex(bytes)}" is not an option of format ${info.name}, which has length ${info.length}`,
    );
  }
  if (info.version !== undefined && version !== info.version) {
    throw new OptionError(`format ${info.name} has version ${info.version} only, not ${version}`);
  }
  return {
    kind,
    format,
    ...(info.client && { client: readEndpoint(bytes, info.client) }),
    ...(info.vip && { vip: readEndpoint(bytes, info.vip) }),
    ...(info.vid && { vid: readInteger(bytes, info.vid) }),
    ...(info.vpc && { vpc: readInteger(bytes, info.vpc) }),
  };
}
