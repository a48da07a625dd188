import { toJson } from './json.js';

/** Prints one document. */
export function printJson(value: unknown): void {
  console.log(toJson(value, 2));
}

/** Prints one line of a stream of documents (JSON Lines). */
export function printJsonLine(value: unknown): void {
  console.log(toJson(value));
}

/** Cursor to the top left, and erase what is below (ECMA-48). */
const CLEAR = '\x1b[H\x1b[J';

/** Prints one of a series of texts: on a terminal in the place of the last one, elsewhere below it. */
export function printAgain(text: string): void {
  console.log(process.stdout.isTTY ? `${CLEAR}${text}` : `${text}\n`);
}
