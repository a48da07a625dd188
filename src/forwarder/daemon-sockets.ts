import { readdirSync, readlinkSync } from 'node:fs';
import { lockHolder } from '../kernel/lock-file.js';
import { DAEMON_LOCK } from './runtime.js';

/** The inodes of the sockets of the daemon that runs, this process or another; none where none does. */
export function daemonSockets(): Set<number> {
  try {
    const pid = lockHolder(DAEMON_LOCK);
    return pid === undefined ? new Set() : socketsOf(pid);
  } catch {
    return new Set();
  }
}

/** The inodes of a process's sockets (proc_pid_fd(5)). */
export function socketsOf(pid: number): Set<number> {
  const folder = `/proc/${pid}/fd`;
  const inodes = readdirSync(folder).flatMap((fd) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`)) ?? [];
      return inode === undefined ? [] : [Number(inode)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
  return new Set(inodes);
}
