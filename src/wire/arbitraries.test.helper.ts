import fc from 'fast-check';
import { formatAddress } from './address.js';
import type { ToaOption } from './codec.js';
import type { Endpoint } from './endpoint.js';
import { ALL_FORMATS, type EndpointField, FORMATS, type SomeFormat } from './formats.js';
import { KNOWN_OPTIONS } from './profiles.js';

const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Any IPv4 address, as 16 bytes. */
export const ipv4: fc.Arbitrary<Uint8Array> = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((tail) => Uint8Array.from([...V4_MAPPED, ...tail]));

/** Any address, with many zero bytes: that is where texts of addresses are hard. */
export const address: fc.Arbitrary<Uint8Array> = fc.oneof(
  ipv4,
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc
    .array(fc.constantFrom(0, 0, 1, 0xab00, 0xffff), { minLength: 8, maxLength: 8 })
    .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))),
);

function endpoint(field: EndpointField | undefined): fc.Arbitrary<Endpoint | undefined> {
  if (field === undefined) return fc.constant(undefined);
  const text = (field.family === 4 ? ipv4 : address).map(formatAddress);
  if (field.portAt === undefined) return text.map((address) => ({ address }));
  return fc.tuple(text, fc.integer({ min: 0, max: 65535 })).map(([address, port]) => ({ address, port }));
}

function integer(size: number | undefined): fc.Arbitrary<number | undefined> {
  return size === undefined ? fc.constant(undefined) : fc.integer({ min: 0, max: 256 ** size - 1 });
}

/** Any option of this format. */
export function optionOf(format: SomeFormat): fc.Arbitrary<ToaOption> {
  const info = FORMATS[format];
  return fc
    .tuple(
      fc.integer({ min: 2, max: 255 }),
      endpoint(info.client),
      endpoint(info.vip),
      integer(info.vid?.size),
      integer(info.vpc?.size),
    )
    .map(([kind, client, vip, vid, vpc]) => ({
      kind,
      format,
      ...(client && { client }),
      ...(vip && { vip }),
      ...(vid !== undefined && { vid }),
      ...(vpc !== undefined && { vpc }),
    }));
}

/** Any option of any format. */
export const option: fc.Arbitrary<ToaOption> = fc.constantFrom(...ALL_FORMATS).chain(optionOf);

const byte = fc.integer({ min: 0, max: 255 });
const knownPair = fc
  .constantFrom(...KNOWN_OPTIONS)
  .map(({ kind, format }): [number, number] => [kind, FORMATS[format].length]);

/** An option of a known kind and length; the bytes behind are anything, often a version or Fast Open's magic. */
const knownShape = fc
  .tuple(knownPair, fc.constantFrom([], [1], [0xf9, 0x89]), fc.uint8Array({ minLength: 38, maxLength: 38 }))
  .map(([[kind, length], head, body]) => [kind, length, ...head, ...body].slice(0, length));

/** Option bytes as an attacker would write them: pieces that nearly fit, in any order, up to 40 bytes. */
export const optionBlock: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: knownShape },
      { weight: 3, arbitrary: fc.constant([1]) },
      { weight: 1, arbitrary: fc.constant([0]) },
      { weight: 2, arbitrary: fc.tuple(knownPair, byte).map(([[kind], length]) => [kind, length % 44]) },
      { weight: 2, arbitrary: fc.array(byte, { maxLength: 8 }) },
      { weight: 2, arbitrary: fc.constant([77, 4, 0, 0]) },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Uint8Array.from(pieces.flat().slice(0, 40)));
