import { readdirSync, readFileSync } from 'node:fs';
import type { Role } from '../kernel/features.js';
import { attachmentsTo } from './attachments.js';

/** Something else on this host that does what TruePeer does, or gets in its way. */
export interface Conflict {
  readonly kind: 'module' | 'program';
  /** What it is, and where it was seen. */
  readonly what: string;
  readonly effect: string;
  readonly remedy: string;
  /** The roles that cannot be attached for it. */
  readonly prevents: readonly Role[];
}

/**
 * @param cgroup absolute path of the cgroup whose programs are looked at; null to look at none.
 * @throws {KernelError} where the programs cannot be listed.
 */
export function findConflicts(cgroup: string | null): Conflict[] {
  return [...findToaModules(), ...(cgroup === null ? [] : attachmentsTo(cgroup))];
}

/** The classic receivers of this host. */
export function findToaModules(): Conflict[] {
  return toaModules(readIfThere('/proc/modules'), readdirSync('/proc/net'));
}

/** toa, vtoa, ttoa, toa_v6, hw_toa... */
const MODULE = /^(?:\w+_)?[tv]?toa(?:_\w+|\d+)?$/;
const STATISTICS = /^[tv]?toa_stats$/;

/**
 * The classic receivers, which are kernel modules.
 *
 * @param modules what /proc/modules says; null on kernels without modules.
 * @param statistics the names in /proc/net: a receiver that is built into the kernel has its statistics there.
 */
export function toaModules(modules: string | null, statistics: readonly string[]): Conflict[] {
  const names = (modules ?? '')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => MODULE.test(name));
  const effect =
    'it answers getpeername() after TruePeer and has the last word: it believes every sender, and may say another ' +
    'client than `truepeer receiver connections`';
  const seen = statistics.filter((name) => STATISTICS.test(name));
  if (names.length === 0)
    return seen.map((name) => ({
      kind: 'module',
      what: `a TOA receiver built into the kernel (there is /proc/net/${name})`,
      effect,
      remedy: 'use one of the two: it, or `truepeer receiver`',
      prevents: [],
    }));
  return names.map((name) => ({
    kind: 'module',
    what: `the kernel module ${name}`,
    effect,
    remedy: `use one of the two: unload it with \`rmmod ${name}\`, once TruePeer is attached`,
    prevents: [],
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
