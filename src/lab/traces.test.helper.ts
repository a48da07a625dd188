import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { run } from './run.js';

/** Pids, as seen from here, of living processes whose environment holds `token`. */
export function processesWith(token: string): number[] {
  return pids().filter((pid) => read(`/proc/${pid}/environ`).includes(token));
}

/** Whether a process runs; a zombie that nobody reaped yet does not. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(read(`/proc/${pid}/stat`));
}

/** Everything that keeps a network namespace (`net:[4026532281]`) alive: processes in it, and mounts of it. */
export function holdersOf(network: string): string[] {
  const inside = pids().filter((pid) => target(`/proc/${pid}/ns/net`) === network);
  const mounted = pids().filter((pid) => read(`/proc/${pid}/mountinfo`).includes(network));
  return [...inside.map((pid) => `process ${pid}`), ...mounted.map((pid) => `mount seen by ${pid}`)];
}

/** `ip` lines of the veth devices in this network namespace. */
export async function veths(): Promise<string> {
  return (await run(['ip', '-oneline', 'link', 'show', 'type', 'veth'])).stdout;
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Processes end while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
