import { readdirSync, readFileSync } from 'node:fs';

/** A classic receiver in the kernel: a module, or what was built into it. */
export interface ClassicReceiver {
  /** What it is, and where it was seen. */
  readonly what: string;
  /** What to do first, where a receiver of ours is wanted. */
  readonly remedy: string;
}

/** What becomes of a host with both. */
export const WITH_CLASSIC =
  'it answers getpeername() after TruePeer, with what any sender claims, and has the last word';

/** A classic receiver is there already. */
export class ClassicReceiverError extends Error {
  override readonly name = 'ClassicReceiverError';

  constructor({ what, remedy }: ClassicReceiver) {
    super(`there is ${what}; ${WITH_CLASSIC}: ${remedy}`);
  }
}

/** @throws {ClassicReceiverError} where there is one. */
export function requireNoClassicReceiver(): void {
  const [found] = findClassicReceivers();
  if (found !== undefined) throw new ClassicReceiverError(found);
}

/** The classic receivers of this host; those built into the kernel show in its first network namespace only. */
export function findClassicReceivers(): ClassicReceiver[] {
  return classicReceivers(readIfThere('/proc/modules'), readdirSync('/proc/net'));
}

/** toa, vtoa, ttoa, toa_v6, hw_toa... */
const MODULE = /^(?:\w+_)?[tv]?toa(?:_\w+|\d+)?$/;
const STATISTICS = /^[tv]?toa_stats$/;

/**
 * @param modules what /proc/modules says; null on kernels without modules.
 * @param statistics the names in /proc/net: a receiver that is built into the kernel has its statistics there.
 */
export function classicReceivers(modules: string | null, statistics: readonly string[]): ClassicReceiver[] {
  const names = (modules ?? '')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => MODULE.test(name));
  const seen = statistics.filter((name) => STATISTICS.test(name));
  if (names.length > 0)
    return names.map((name) => ({
      what: `the kernel module ${name}`,
      remedy: `unload it with \`rmmod ${name}\`, and attach then`,
    }));
  return seen.map((name) => ({
    what: `a TOA receiver built into the kernel (there is /proc/net/${name})`,
    remedy: 'use that one, or boot a kernel without it',
  }));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
