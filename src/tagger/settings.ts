import { writeNote } from '../lifecycle/note.js';
import { VERSION } from '../version.js';
import { Format, type KindChoice, PROFILES, ProfileError, parseKind } from '../wire/index.js';
import { TAG_ON, TAGGER_SETTINGS } from './layout.js';

/** The segments a tag can be written on. */
export const TAGGED_SEGMENTS = Object.keys(TAG_ON) as TaggedSegment[];
export type TaggedSegment = keyof typeof TAG_ON;

/** The options that name clients, by address family. A family that has none is not tagged. */
export interface TaggerKinds {
  /** For IPv4 clients, such as `254/8`. */
  readonly ipv4?: string;
  /** For IPv6 clients, such as `254/20`. */
  readonly ipv6?: string;
}

/** What a tagger is told to write; everything is decided, nothing is left to a default. */
export interface TaggerSettings extends TaggerKinds {
  readonly on: readonly TaggedSegment[];
  /** Whether binds to the host's own addresses name clients too; false leaves them to mean what they say. */
  readonly takeLocal: boolean;
}

/** What `tagger status` wants to know; stored with the programs, so that it cannot disagree with them. */
export interface TaggerNote extends TaggerKinds {
  readonly version: string;
  readonly cgroup: string;
  readonly on: readonly TaggedSegment[];
}

/** An option that the tagger cannot write. */
export class TaggerKindError extends Error {
  override readonly name = 'TaggerKindError';
}

const WRITABLE = {
  ipv4: [Format.IPV4, Format.ADDRESS4],
  ipv6: [Format.IPV6, Format.ADDRESS6],
} as const satisfies Record<keyof TaggerKinds, readonly number[]>;

/**
 * The options that one kind stands for: a kind of 8 bytes writes IPv4 clients and, at 20, IPv6 ones.
 *
 * @throws KindError of truepeer/wire, TaggerKindError
 */
export function kindsFor(kind: string): Required<TaggerKinds> {
  const { kind: number, format } = parseKind(kind);
  switch (format) {
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

/**
 * The options by which a vendor's forwarders name clients: the first of its profile for each family.
 *
 * @throws ProfileError of truepeer/wire
 */
export function kindsOfProfile(name: string): TaggerKinds {
  const profile = PROFILES.find((candidate) => candidate.name === name);
  if (profile === undefined)
    throw new ProfileError(
      `no profile \`${name}\`: there are ${PROFILES.map((known) => known.name).join(', ')}`,
    );
  const first = (formats: readonly number[], length: Record<number, number>) => {
    const entry = profile.entries.find(({ format }) => formats.includes(format));
    return entry === undefined ? undefined : `${entry.kind}/${length[entry.format]}`;
  };
  const ipv4 = first(WRITABLE.ipv4, { [Format.IPV4]: 8, [Format.ADDRESS4]: 7 });
  const ipv6 = first(WRITABLE.ipv6, { [Format.IPV6]: 20, [Format.ADDRESS6]: 19 });
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

/**
 * The read-only data of the tagger's programs: struct tagger_settings.
 *
 * @throws KindError of truepeer/wire, TaggerKindError
 */
export function encodeTaggerSettings(settings: TaggerSettings, cgroup: string): Buffer {
  const bytes = Buffer.alloc(TAGGER_SETTINGS.size);
  const { ipv4, ipv6, on } = settings;
  const put = (family: keyof TaggerKinds, kindAt: number, formatAt: number) => {
    const text = settings[family];
    if (text === undefined) return;
    const { kind, format } = writable(family, text);
    bytes[kindAt] = kind;
    bytes[formatAt] = format;
  };
  put('ipv4', TAGGER_SETTINGS.kind4, TAGGER_SETTINGS.format4);
  put('ipv6', TAGGER_SETTINGS.kind6, TAGGER_SETTINGS.format6);
  bytes[TAGGER_SETTINGS.on] = on.reduce((mask, segment) => mask | TAG_ON[segment], 0);
  bytes[TAGGER_SETTINGS.takeLocal] = Number(settings.takeLocal);

  const note: TaggerNote = {
    version: VERSION,
    cgroup,
    on,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
  writeNote(bytes, TAGGER_SETTINGS.note, note);
  return bytes;
}

function writable(family: keyof TaggerKinds, text: string): KindChoice {
  const kind = parseKind(text);
  if (!(WRITABLE[family] as readonly number[]).includes(kind.format))
    throw new TaggerKindError(
      `kind \`${text}\` has no room for an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} client`,
    );
  return kind;
}
