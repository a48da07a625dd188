/**
 * Puts what a status command wants to know, and the programs do not, into the rest of their read-only data, from an
 * offset on: JSON, ended by a zero byte. Stored with the programs, it cannot disagree with them.
 *
 * @throws {RangeError} where it does not fit.
 */
export function writeNote(data: Buffer, at: number, note: object): void {
  const text = Buffer.from(JSON.stringify(note));
  const room = data.length - at - 1;
  if (text.length > room)
    throw new RangeError(
      `the settings come to ${text.length} bytes, and there is room for ${room}: choose fewer kinds`,
    );
  text.copy(data, at);
}

/** The reverse of {@link writeNote}. The note must be of the version that reads it. */
export function readNote<Note>(data: Buffer, at: number): Note {
  const field = data.subarray(at);
  return JSON.parse(field.toString('utf8', 0, field.indexOf(0)));
}
