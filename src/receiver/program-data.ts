import { readNote, writeNote } from '../lifecycle/note.js';
import { VERSION } from '../version.js';
import { SETTINGS } from './layout.js';
import { type Reads, readsOf } from './reads.js';
import { type ReceiverSettings, rulesOf } from './settings.js';
import { encodeTrust } from './trust.js';

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
 * @throws ProfileError, KindError, ConflictError of truepeer/wire; NoteError
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
  encodeTrust(bytes, settings.trust);

  const { profiles, kinds } = rules;
  const { refuse, cgroup } = settings;
  const note: Note = { version: VERSION, profiles, kinds, refuse: [...new Set(refuse)], cgroup };
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
