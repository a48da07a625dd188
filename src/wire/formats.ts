/**
 * The layouts a TOA option can have, numbered as `enum toa_format` in
 * bpf/toa.h. The table below is the one description of their bytes: the codec,
 * the walk and the rules all read it.
 */
export const Format = {
  NONE: 0,
  IPV4: 1,
  IPV6: 2,
  IPV4_VIP: 3,
  VTOA4: 4,
  VTOA6: 5,
  ADDRESS4: 6,
  ADDRESS6: 7,
  VIP: 8,
  VPC: 9,
} as const;

/** The name of a layout, `NONE` included. */
export type FormatName = keyof typeof Format;
/** The number of a layout, as in `enum toa_format`; {@link Format.NONE} for none. */
export type Format = (typeof Format)[FormatName];
/** The number of a layout that exists. */
export type SomeFormat = Exclude<Format, typeof Format.NONE>;

/** Where an address stands in an option, counted from the kind byte; no `portAt`: it has no port. */
export interface EndpointField {
  readonly family: 4 | 6;
  readonly addressAt: number;
  readonly portAt?: number;
}

/** Where an unsigned integer stands in an option, counted from the kind byte; `size` in bytes. */
export interface IntegerField {
  readonly at: number;
  readonly size: number;
  readonly littleEndian: boolean;
}

/** One layout. Bytes no field claims are padding: written as 0, not read. */
export interface FormatInfo {
  readonly name: FormatName;
  /** Of the whole option, in bytes, kind and length included. */
  readonly length: number;
  /** The client's address: absent from the formats that only add to another option. */
  readonly client?: EndpointField;
  /** The address the client connected to, at the forwarder. */
  readonly vip?: EndpointField;
  /** The VPC tunnel's id. */
  readonly vid?: IntegerField;
  readonly vpc?: IntegerField;
  /** Byte 2 must have this value. */
  readonly version?: number;
}

/** The only version of the address-only option (kind 28) there is. */
const ADDRESS_VERSION = 1;

/** Every layout. Addresses, ports and the VPC id are big-endian; `vid` is little-endian. */
export const FORMATS: Readonly<Record<SomeFormat, FormatInfo>> = {
  [Format.IPV4]: { name: 'IPV4', length: 8, client: { family: 4, portAt: 2, addressAt: 4 } },
  [Format.IPV6]: { name: 'IPV6', length: 20, client: { family: 6, portAt: 2, addressAt: 4 } },
  [Format.IPV4_VIP]: {
    name: 'IPV4_VIP',
    length: 16,
    client: { family: 4, portAt: 2, addressAt: 4 },
    vip: { family: 4, portAt: 10, addressAt: 12 },
  },
  [Format.VTOA4]: {
    name: 'VTOA4',
    length: 20,
    client: { family: 4, portAt: 2, addressAt: 4 },
    vid: { at: 8, size: 4, littleEndian: true },
    vip: { family: 4, addressAt: 12, portAt: 16 },
  },
  [Format.VTOA6]: {
    name: 'VTOA6',
    length: 40,
    client: { family: 6, portAt: 2, addressAt: 4 },
    vid: { at: 20, size: 3, littleEndian: true },
    vip: { family: 6, addressAt: 24 },
  },
  [Format.ADDRESS4]: {
    name: 'ADDRESS4',
    length: 7,
    version: ADDRESS_VERSION,
    client: { family: 4, addressAt: 3 },
  },
  [Format.ADDRESS6]: {
    name: 'ADDRESS6',
    length: 19,
    version: ADDRESS_VERSION,
    client: { family: 6, addressAt: 3 },
  },
  [Format.VIP]: { name: 'VIP', length: 8, vip: { family: 4, portAt: 2, addressAt: 4 } },
  [Format.VPC]: { name: 'VPC', length: 6, vpc: { at: 2, size: 4, littleEndian: false } },
};

/** The layouts that exist, in the order of their numbers. */
export const ALL_FORMATS: readonly SomeFormat[] = Object.keys(FORMATS).map(
  (format) => Number(format) as SomeFormat,
);

/** The bit that stands for a format in a rules table (`TOA_FORMAT_BIT`). */
export function formatBit(format: SomeFormat): number {
  return 1 << format;
}

/** The layout among those enabled in `mask` that has this length, or {@link Format.NONE}. */
export function formatOfLength(mask: number, length: number): Format {
  return (
    ALL_FORMATS.find((format) => mask & formatBit(format) && FORMATS[format].length === length) ?? Format.NONE
  );
}
