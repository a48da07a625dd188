/** The names of profiles, kinds and the cgroup are longer than there is room for. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/**
 * Puts what a status command wants to know, and the programs do not, into the rest of their read-only data, from an
 * offset on: JSON, ended by a zero byte. Stored with the programs, it cannot disagree with them.
 *
 * @throws {NoteError} where it does not fit.
 */
export function writeNote(data: Buffer, at: number, note: object): void {
  const text = Buffer.from(JSON.stringify(note));
  const room = data.length - at - 1;
  if (text.length > room)
    throw new NoteError(
      `the names of what is chosen come to ${text.length} bytes, and there is room for ${room}: choose fewer kinds, ` +
        'or a cgroup with a shorter path',
    );
  text.copy(data, at);
}

/** The reverse of {@link writeNote}. The note must be of the version that reads it. */
export function readNote<Note>(data: Buffer, at: number): Note {
  const field = data.subarray(at);
  return JSON.parse(field.toString('utf8', 0, field.indexOf(0)));
}
