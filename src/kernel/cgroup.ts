import { closeSync, constants, openSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import koffi from 'koffi';
import { Descriptor } from './descriptor.js';
import { cgroupMountPoint, mounts } from './mounts.js';

/** A cgroup that cannot be used: not there, or no cgroup v2 at all. */
export class CgroupError extends Error {
  override readonly name = 'CgroupError';
}

/**
 * Where cgroup v2 is mounted: `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` on hybrid hosts.
 *
 * @throws {CgroupError} when it is not mounted.
 */
export function cgroupRoot(): string {
  const point = cgroupMountPoint(mounts());
  if (point === undefined)
    throw new CgroupError('cgroup v2 is not mounted: mount it with `mount -t cgroup2 none /sys/fs/cgroup`');
  return point;
}

/**
 * Where a cgroup is, or would be, given as an operator writes it: relative to the cgroup-v2 root (with or without a
 * leading slash, `/` being the root itself), or as an absolute path below the mount point.
 *
 * @throws {CgroupError} for a place outside of the cgroup-v2 root.
 */
export function cgroupLocation(name: string): string {
  const root = cgroupRoot();
  const path = resolve(isAbsolute(name) && isBelow(root, name) ? name : join(root, name));
  if (!isBelow(root, path))
    throw new CgroupError(`cgroup \`${name}\` is outside of ${root}: name it relative to there`);
  return path;
}

/**
 * The absolute path of a cgroup that is there; see {@link cgroupLocation}.
 *
 * @throws {CgroupError} when there is no such cgroup.
 */
export function cgroupPath(name: string): string {
  const path = cgroupLocation(name);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new CgroupError(`no cgroup \`${name}\`: there is no directory ${path} (see \`systemd-cgls\`)`);
  return path;
}

/** @throws {CgroupError} as {@link cgroupPath} */
export function openCgroup(name: string): Descriptor {
  return new Descriptor(openSync(cgroupPath(name), constants.O_RDONLY | constants.O_DIRECTORY));
}

/** The id that the kernel knows a cgroup by: its inode number. */
export function cgroupId(path: string): bigint {
  return statSync(path, { bigint: true }).ino;
}

/** From include/linux/exportfs.h: the handle of a file in cgroup2 is its id. */
const FILEID_KERNFS = 0xfe;
const ESTALE = 116;

/**
 * Whether there still is a directory for the cgroup with this id. Without one it is as good as gone, although its
 * programs stay attached until the last socket of the processes that were in it is closed.
 */
export function cgroupExists(id: bigint): boolean {
  const handle = Buffer.alloc(16);
  handle.writeUInt32LE(8, 0);
  handle.writeInt32LE(FILEID_KERNFS, 4);
  handle.writeBigUInt64LE(id, 8);
  const open = koffi.load(null).func('int open_by_handle_at(int mount, void *handle, int flags)');
  using root = openCgroup('/');
  const fd = open(root.fd, handle, constants.O_RDONLY | constants.O_DIRECTORY);
  if (fd < 0) return koffi.errno() !== ESTALE;
  closeSync(fd);
  return true;
}

function isBelow(root: string, path: string): boolean {
  return !relative(root, path).startsWith('..');
}
