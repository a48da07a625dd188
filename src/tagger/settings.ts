import { Format, type KindChoice, parseKind } from '../wire/index.js';
import { TAG_ON, TAGGER_SETTINGS } from './layout.js';

/** The segments a tag can be written on. */
export type TaggedSegment = keyof typeof TAG_ON;

/** What a tagger is told to write. */
export interface TaggerSettings {
  /** The option for IPv4 clients, such as `254/8`. */
  readonly ipv4: string;
  /** The option for IPv6 clients, such as `254/20`. */
  readonly ipv6: string;
  readonly on: readonly TaggedSegment[];
  /** Whether binds to the host's own addresses name clients too; false leaves them to mean what they say. */
  readonly takeLocal: boolean;
}

/** An option that the tagger cannot write. */
export class TaggerKindError extends Error {
  override readonly name = 'TaggerKindError';
}

const WRITABLE: Readonly<Record<'ipv4' | 'ipv6', readonly number[]>> = {
  ipv4: [Format.IPV4, Format.ADDRESS4],
  ipv6: [Format.IPV6, Format.ADDRESS6],
};

/**
 * The two settings that one kind stands for: a kind of 8 bytes writes IPv4 clients and, at 20, IPv6 ones.
 *
 * @throws KindError of truepeer/wire, TaggerKindError
 */
export function kindsFor(kind: string): Pick<TaggerSettings, 'ipv4' | 'ipv6'> {
  const chosen = parseKind(kind);
  const number = chosen.kind;
  switch (chosen.format) {
    case Format.IPV4:
    case Format.IPV6:
      return { ipv4: `${number}/8`, ipv6: `${number}/20` };
    case Format.ADDRESS4:
    case Format.ADDRESS6:
      return { ipv4: `${number}/7`, ipv6: `${number}/19` };
    default:
      throw new TaggerKindError(`cannot write kind \`${kind}\`: write a kind of length 8, 20, 7 or 19`);
  }
}

/** The read-only data of the tagger's programs: struct tagger_settings. */
export function encodeTaggerSettings(settings: TaggerSettings): Buffer {
  const bytes = Buffer.alloc(TAGGER_SETTINGS.size);
  const ipv4 = writable('ipv4', settings.ipv4);
  const ipv6 = writable('ipv6', settings.ipv6);
  bytes[TAGGER_SETTINGS.kind4] = ipv4.kind;
  bytes[TAGGER_SETTINGS.format4] = ipv4.format;
  bytes[TAGGER_SETTINGS.kind6] = ipv6.kind;
  bytes[TAGGER_SETTINGS.format6] = ipv6.format;
  bytes[TAGGER_SETTINGS.on] = settings.on.reduce((mask, segment) => mask | TAG_ON[segment], 0);
  bytes[TAGGER_SETTINGS.takeLocal] = Number(settings.takeLocal);
  return bytes;
}

function writable(family: 'ipv4' | 'ipv6', text: string): KindChoice {
  const kind = parseKind(text);
  if (!WRITABLE[family].includes(kind.format))
    throw new TaggerKindError(
      `kind \`${text}\` has no room for an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} client`,
    );
  return kind;
}
