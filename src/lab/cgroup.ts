import { existsSync, mkdirSync } from 'node:fs';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupRoot } from '../kernel/cgroup.js';
import { waitUntil } from './wait.js';

/** Every scratch cgroup of ours is a child of the cgroup-v2 root with this prefix. */
const PREFIX = 'truepeer-lab-';

/** A path for a new scratch cgroup, unique on this host; nothing is created. */
export function newScratchCgroup(): string {
  return join(cgroupRoot(), `${PREFIX}${crypto.randomUUID()}`);
}

/**
 * Removes the scratch cgroups that earlier runs left because everything, their janitor included, was killed.
 *
 * A running laboratory keeps its own cgroup populated from its first process to its last, so an
 * unpopulated one has no owner.
 */
export async function sweepScratchCgroups(): Promise<void> {
  const root = cgroupRoot();
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(PREFIX)) continue;
    const path = join(root, entry);
    // Another sweep may remove it first, or its owner may move in meanwhile: both are fine.
    if (!(await isPopulated(path))) await removeCgroup(path).catch(() => {});
  }
}

/** Creates a cgroup, and those above it, where missing; returns its path. */
export function makeCgroup(...path: readonly string[]): string {
  const whole = join(...path);
  mkdirSync(whole, { recursive: true });
  return whole;
}

/** Kills every process in the cgroup and below it, waits until they are gone, removes the cgroups (if there). */
export async function killAndRemoveCgroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  await waitUntil(`the end of every process in ${path}`, async () => {
    for (const pid of await processesIn(path)) killNow(pid);
    return !(await isPopulated(path));
  });
  await removeCgroup(path);
}

async function removeCgroup(path: string): Promise<void> {
  for (const child of await childrenOf(path)) await removeCgroup(child);
  await rmdir(path);
}

async function isPopulated(path: string): Promise<boolean> {
  return (await readIfThere(join(path, 'cgroup.events'))).includes('populated 1');
}

async function processesIn(path: string): Promise<number[]> {
  const own = (await readIfThere(join(path, 'cgroup.procs'))).split('\n').map(Number);
  const below = await Promise.all((await childrenOf(path)).map(processesIn));
  // 0 stands for a process outside this pid namespace, and for the empty last line.
  return [...own.filter((pid) => pid > 0), ...below.flat()];
}

async function childrenOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENODEV') return '';
    throw error;
  }
}
