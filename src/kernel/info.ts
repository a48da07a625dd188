import { checked, Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';
import { NativeMemory } from './memory.js';

/** From struct bpf_prog_info of include/uapi/linux/bpf.h. */
export interface ProgramInfo {
  readonly id: number;
  readonly name: string;
  /** Nanoseconds of CLOCK_BOOTTIME at which it was loaded. */
  readonly loadedAt: bigint;
  readonly mapIds: readonly number[];
  /** Total run time in nanoseconds, and runs; both count only while statistics are enabled. */
  readonly runTime: bigint;
  readonly runCount: bigint;
  /** Instructions the verifier visited; 0 before Linux 5.16. */
  readonly verifiedInstructions: number;
}

/** From struct bpf_map_info. */
export interface MapInfo {
  readonly id: number;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly name: string;
}

/** From struct bpf_link_info, of a link to a cgroup or an interface. */
export interface LinkInfo {
  readonly id: number;
  readonly programId: number;
  /** Of a cgroup link: the cgroup's inode number, which is its id; 0n once the link is detached. */
  readonly cgroupId: bigint;
  /** Of an XDP link: the interface's number; 0 once the interface is gone or the link is detached. */
  readonly ifindex: number;
}

const PROGRAM_INFO = { size: 232, maps: 256 };
const MAP_INFO = { size: 88 };
const LINK_INFO = { size: 64 };

/** @throws {KernelError} */
export function programInfo(program: Descriptor): ProgramInfo {
  using maps = new NativeMemory(4 * PROGRAM_INFO.maps);
  const info = Buffer.alloc(PROGRAM_INFO.size);
  info.writeUInt32LE(PROGRAM_INFO.maps, 52);
  info.writeBigUInt64LE(maps.address, 56);
  read('read program information', program, info);
  const count = Math.min(info.readUInt32LE(52), PROGRAM_INFO.maps);
  return {
    id: info.readUInt32LE(4),
    name: text(info, 64, 16),
    loadedAt: info.readBigUInt64LE(40),
    mapIds: Array.from({ length: count }, (_, index) => maps.bytes.readUInt32LE(4 * index)),
    runTime: info.readBigUInt64LE(192),
    runCount: info.readBigUInt64LE(200),
    verifiedInstructions: info.readUInt32LE(216),
  };
}

/** @throws {KernelError} */
export function mapInfo(map: Descriptor): MapInfo {
  const info = Buffer.alloc(MAP_INFO.size);
  read('read map information', map, info);
  return {
    type: info.readUInt32LE(0),
    id: info.readUInt32LE(4),
    keySize: info.readUInt32LE(8),
    valueSize: info.readUInt32LE(12),
    maxEntries: info.readUInt32LE(16),
    name: text(info, 24, 16),
  };
}

/** @throws {KernelError} */
export function linkInfo(link: Descriptor): LinkInfo {
  const info = Buffer.alloc(LINK_INFO.size);
  read('read link information', link, info);
  return {
    id: info.readUInt32LE(4),
    programId: info.readUInt32LE(8),
    cgroupId: info.readBigUInt64LE(16),
    ifindex: info.readUInt32LE(16),
  };
}

/** @throws {KernelError} where the program is gone. */
export function programById(id: number): Descriptor {
  return new Descriptor(checked(`open program ${id}`, libbpf().progGetFdById(id)));
}

/** @throws {KernelError} where the map is gone. */
export function mapById(id: number): Descriptor {
  return new Descriptor(checked(`open map ${id}`, libbpf().mapGetFdById(id)));
}

function read(step: string, object: Descriptor, info: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(info.length);
  checked(step, libbpf().objGetInfo(object.fd, info, length));
}

function text(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? length : end);
}
