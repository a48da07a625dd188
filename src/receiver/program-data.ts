import type { Descriptor } from '../kernel/descriptor.js';
import { index, update } from '../kernel/map.js';
import { readNote, writeNote } from '../lifecycle/note.js';
import { VERSION } from '../version.js';
import type { Cidr } from '../wire/index.js';
import { SETTINGS, TRUST_KEY } from './layout.js';
import { type Reads, readsOf } from './reads.js';
import { type ReceiverSettings, rulesOf } from './settings.js';

/** What `receiver status` wants to know and the programs do not: stored with them, so that it cannot disagree. */
export interface Note {
  readonly version: string;
  readonly profiles: readonly string[];
  readonly kinds: readonly string[];
  readonly refuse: readonly string[];
  readonly cgroup: string;
}

/**
 * The read-only data of the programs: struct receiver_settings.
 *
 * @throws ProfileError, KindError, ConflictError of truepeer/wire
 */
export function encodeSettings(settings: ReceiverSettings): Buffer {
  const rules = rulesOf(settings);
  const bytes = Buffer.alloc(SETTINGS.size);
  const put = (table: Uint16Array, at: number) => {
    table.forEach((word, kind) => {
      bytes.writeUInt16LE(word, at + 2 * kind);
    });
  };
  put(rules.completing, SETTINGS.completing);
  put(rules.syn, SETTINGS.syn);
  put(rules.known, SETTINGS.known);
  bytes[SETTINGS.readSyn] = Number(rules.syn.some((word) => word !== 0));
  bytes[SETTINGS.refuseLoopback] = Number(settings.refuse.includes('loopback'));
  bytes[SETTINGS.refusePrivate] = Number(settings.refuse.includes('private'));

  const { profiles, kinds, refuse, cgroup } = settings;
  const note: Note = { version: VERSION, profiles, kinds, refuse, cgroup };
  writeNote(bytes, SETTINGS.note, note);
  return bytes;
}

/** The note of programs that are loaded, from their read-only data. */
export function decodeNote(settings: Buffer): Note {
  return readNote(settings, SETTINGS.note);
}

/** What programs that are loaded read, from their read-only data. */
export function decodeReads(settings: Buffer): Reads {
  const table = (at: number) =>
    Uint16Array.from({ length: 256 }, (_, kind) => settings.readUInt16LE(at + 2 * kind));
  return readsOf({ completing: table(SETTINGS.completing), syn: table(SETTINGS.syn) });
}

const ANY: Cidr = { address: new Uint8Array(16), prefix: 0 };

/** TRUST_MAX_PREFIXES of bpf/receiver.h */
const MAX_PREFIXES = 65_536;

/** More forwarders than the kernel's map has room for. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
}

/**
 * Fills the trust map of programs that are not attached yet.
 *
 * @throws {TrustError}
 */
export function fillTrust(map: Descriptor, trust: ReceiverSettings['trust']): void {
  if (trust.length > MAX_PREFIXES)
    throw new TrustError(
      `trust names ${trust.length} networks, and there is room for ${MAX_PREFIXES}: merge neighbours into larger ones`,
    );
  for (const cidr of trust === 'any' ? [ANY] : trust) {
    const key = Buffer.alloc(TRUST_KEY.size);
    key.writeUInt32LE(cidr.prefix, TRUST_KEY.prefix);
    key.set(cidr.address, TRUST_KEY.address);
    update(map, key, index(1).subarray(0, 1));
  }
}

/** The reverse of {@link fillTrust}, from one key. */
export function decodeTrust(key: Buffer): Cidr {
  return { prefix: key.readUInt32LE(TRUST_KEY.prefix), address: key.subarray(TRUST_KEY.address) };
}

export function isAny(cidr: Cidr): boolean {
  return cidr.prefix === 0;
}
