import assert from 'node:assert/strict';
import { FEATURES } from '../../src/kernel/features.js';
import type { Attempt, HandmadeBackend } from './handmade.js';

/**
 * What sockopt-probe learnt from one socket, by call (`getpeername`, `ip/4096/20`): the bytes of a success in
 * hexadecimal, or the name of the error.
 */
export type Answers = Readonly<Record<string, string>>;

/** The answers of sockets without a client. */
export type Clientless = Readonly<Record<'unconnected' | 'listening' | 'udp', Answers>>;

/** As sockopt-probe prints it. */
interface Answer {
  readonly errno: string | null;
  readonly optlen: number;
  readonly hex: string;
  readonly stray: number;
}

/** Starts sockopt-probe and waits until it listens. */
export async function startProbe(
  backend: HandmadeBackend,
  address: string,
  port: number,
): Promise<Clientless> {
  const probe = await backend.serve('sockopt-probe', address, port);
  const { unconnected, listening, udp } = JSON.parse((await probe.waitForLine(/^\{/)).input!);
  return { unconnected: answersOf(unconnected), listening: answersOf(listening), udp: answersOf(udp) };
}

/** The answers of the socket that one connection gets. */
export async function ask(backend: HandmadeBackend, attempt: Attempt): Promise<Answers> {
  return answersOf(JSON.parse((await backend.see(attempt)).line));
}

/** No call may touch memory that it does not answer with. */
function answersOf(probed: Readonly<Record<string, Answer>>): Answers {
  return Object.fromEntries(
    Object.entries(probed).map(([call, { errno, optlen, hex, stray }]) => {
      assert.equal(stray, 0, `${call} changed ${stray} bytes beyond its answer`);
      if (errno === null) assert.equal(optlen, hex.length / 2, `the length that ${call} came back with`);
      return [call, errno ?? hex];
    }),
  );
}

const ownErrors = FEATURES.find(({ id }) => id === 'getsockopt-errors')!.probe().state === 'present';

/**
 * That a call of getsockopt() came back with these bytes, or with this error. Before Linux 5.18 every error is the
 * kernel's own, the one of an option it does not know.
 */
export function assertAnswer(answers: Answers, call: string, expected: string, message: string = call): void {
  if (ownErrors || !expected.startsWith('E')) assert.equal(answers[call], expected, message);
  else assert.match(answers[call] ?? '', /^(ENOPROTOOPT|EOPNOTSUPP)$/, message);
}
