import { toJson } from './json.js';

/** Prints one document. */
export function printJson(value: unknown): void {
  console.log(toJson(value, 2));
}

/** Prints one line of a stream of documents (JSON Lines). */
export function printJsonLine(value: unknown): void {
  console.log(toJson(value));
}
