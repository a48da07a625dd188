/*
 * What the commands and the daemon say to each other over a unix socket: one line of JSON each way, and the end.
 */

/** Which backend of which service is meant, as an operator writes them. */
export interface BackendName {
  readonly service: string;
  /** Address and port, as `10.0.1.11:8443`. */
  readonly backend: string;
}

export type Request =
  | { readonly command: 'reload' }
  | ({ readonly command: 'drain' | 'undrain' } & BackendName)
  | { readonly command: 'health' };

/** What is known of a backend's health beyond up and down. */
export interface BackendHealth extends BackendName {
  /** When it came up or went down; absent where it has been so since before this daemon. */
  readonly since?: string;
  /** Why the last check failed; absent where it did not. */
  readonly failure?: string;
}

/** What each command is answered with. */
export interface Answers {
  readonly reload: { readonly changes: readonly string[] };
  readonly drain: { readonly already: boolean };
  readonly undrain: { readonly already: boolean };
  readonly health: {
    readonly pid: number;
    readonly since: string;
    readonly backends: readonly BackendHealth[];
    /** Whether segments whose checksum nobody had computed came in the last minute. */
    readonly unsummed: boolean;
    /** How this host does not fit the configuration any more; empty where it does. */
    readonly complaint: string;
  };
}

export type Command = Request['command'];

/** The longest request. */
export const REQUEST_BYTES = 4_096;

/** The daemon refuses, or cannot do, what it was asked for. The message is the daemon's own. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** @throws {ControlError} where the line is no request. */
export function decodeRequest(line: string): Request {
  const { command, service, backend } = parse(line);
  if (command === 'reload' || command === 'health') return { command };
  if (
    (command === 'drain' || command === 'undrain') &&
    typeof service === 'string' &&
    typeof backend === 'string'
  )
    return { command, service, backend };
  throw new ControlError(`no request: ${line.slice(0, 80)}: send reload, drain, undrain or health, as JSON`);
}

/** An answer as the line that is sent. */
export function encodeAnswer(answer: object): string {
  return `${JSON.stringify({ ok: true, ...answer })}\n`;
}

/** A refusal as the line that is sent. */
export function encodeRefusal(message: string): string {
  return `${JSON.stringify({ ok: false, message })}\n`;
}

/** @throws {ControlError} with the daemon's words, where it refuses. */
export function decodeAnswer<C extends Command>(line: string): Answers[C] {
  const { ok, message, ...answer } = parse(line);
  if (ok === true) return answer as unknown as Answers[C];
  throw new ControlError(typeof message === 'string' ? message : `no answer: ${line.slice(0, 80)}`);
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new ControlError(`no JSON: ${line.slice(0, 80)}`, { cause });
  }
  throw new ControlError(`no JSON object: ${line.slice(0, 80)}`);
}
