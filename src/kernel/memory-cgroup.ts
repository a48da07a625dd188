import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Mount, mounts } from './mounts.js';

/** Where the kernel accounts a process's memory. */
export interface MemoryCgroup {
  readonly version: 1 | 2;
  /** Absolute path of the root cgroup. */
  readonly root: string;
  /** Absolute path of the process's own. */
  readonly own: string;
}

/**
 * Does something while this process is in the root memory cgroup, so that nobody is charged for what it makes in the
 * kernel. A map charges every element that is ever added to the cgroup of its maker. Made in a session or a service,
 * it would use up that one's limit and keep it in the kernel after its end, and the charging takes a third of the time
 * in which a connection is kept.
 *
 * Where the root cannot be joined, as in a container, it is done all the same.
 */
export function inRootMemoryCgroup<T>(work: () => T): T {
  const cgroup = memoryCgroup(readFileSync('/proc/self/cgroup', 'utf8'), mounts());
  if (cgroup === undefined || cgroup.own === cgroup.root) return work();
  using _place = cgroup.version === 2 ? keepPlace() : undefined;
  try {
    enter(cgroup.root);
  } catch {
    return work();
  }
  try {
    return work();
  } finally {
    enter(cgroup.own);
  }
}

/**
 * @param processCgroups text of /proc/PID/cgroup
 * @returns undefined where it cannot be seen from here.
 */
export function memoryCgroup(processCgroups: string, mounted: readonly Mount[]): MemoryCgroup | undefined {
  const own = [...processCgroups.matchAll(/^\d+:([^:]*):(.*)$/gm)];
  const first = own.find(([, controllers]) => controllers?.split(',').includes('memory'));
  const [, , path] = first ?? own.find(([, controllers]) => controllers === '') ?? [];
  const hierarchy = ({ type, options }: Mount) =>
    first === undefined ? type === 'cgroup2' : type === 'cgroup' && options.includes('memory');
  const mount = mounted.find((candidate) => candidate.root === '/' && hierarchy(candidate));
  // The path of a cgroup outside of our cgroup namespace begins with `/..`.
  if (path === undefined || mount === undefined || path.startsWith('/..')) return undefined;
  const version = first === undefined ? 2 : 1;
  return { version, root: mount.point, own: resolve(mount.point, `.${path}`) };
}

/** @throws where the kernel refuses. */
function enter(cgroup: string): void {
  writeFileSync(join(cgroup, 'cgroup.procs'), '0');
}

/** Keeps this process's cgroup from being empty while it is away: systemd ends and removes a scope that is. */
function keepPlace(): Disposable {
  const place = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  place.on('error', () => {});
  return { [Symbol.dispose]: () => place.kill('SIGKILL') };
}
