import { readFileSync } from 'node:fs';

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  /** What of the file system is seen at the mount point: `/`, or a directory of it. */
  readonly root: string;
  /** Absolute path of the mount point. */
  readonly point: string;
  /** File system type: `cgroup2`, `tmpfs`, `nsfs`... */
  readonly type: string;
  /** What was mounted: a device, or any word for file systems that need none. */
  readonly source: string;
  /** Of the file system, such as the controllers of a cgroup-v1 hierarchy. */
  readonly options: readonly string[];
  /** Whether mounts made below it show up in other mount namespaces. */
  readonly shared: boolean;
}

/** The mounts this process sees, in the order they were made. */
export function mounts(): Mount[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Where people look for it; on hybrid hosts the latter. */
const CGROUP_POINTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/**
 * Where cgroup v2 is mounted; undefined where it is not. A second mount, as below the root of a container or a chroot, is
 * not what people call it by.
 */
export function cgroupMountPoint(all: readonly Mount[]): string | undefined {
  const points = all.flatMap(({ type, point }) => (type === 'cgroup2' ? [point] : []));
  return points.find((point) => CGROUP_POINTS.includes(point)) ?? points[0];
}

/** Parses the text of a mountinfo file. */
export function parseMountinfo(text: string): Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const [, , , root = '', point = '', , ...optional] = before.split(' ');
      const [type = '', source = '', options = ''] = after.split(' ');
      return {
        root: decode(root),
        point: decode(point),
        type,
        source: decode(source),
        options: options.split(','),
        shared: optional.some((field) => field.startsWith('shared:')),
      };
    });
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function decode(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
