import { checked, type Descriptor } from './descriptor.js';
import { KernelError } from './errors.js';
import { mapInfo } from './info.js';
import { libbpf } from './libbpf.js';

const ENOENT = 2;

/** One value of a map, or undefined where the key is absent. Sizes are the map's, in bytes. */
export function lookup(map: Descriptor, key: Uint8Array, valueSize: number): Buffer | undefined {
  const value = Buffer.alloc(valueSize);
  const result = libbpf().mapLookup(map.fd, key, value);
  if (result === -ENOENT) return undefined;
  checked('look up a map value', result);
  return value;
}

/**
 * One value of a per-CPU map: a buffer for each possible CPU.
 *
 * @throws {KernelError}
 */
export function lookupPerCpu(map: Descriptor, key: Uint8Array, valueSize: number): Buffer[] {
  const cpus = possibleCpus();
  const stride = perCpuStride(valueSize);
  const values = Buffer.alloc(stride * cpus);
  checked('look up a per-CPU map value', libbpf().mapLookup(map.fd, key, values));
  return Array.from({ length: cpus }, (_, cpu) => values.subarray(cpu * stride, cpu * stride + valueSize));
}

/** @throws {KernelError} */
export function update(map: Descriptor, key: Uint8Array, value: Uint8Array): void {
  checked('update a map', libbpf().mapUpdate(map.fd, key, value, 0n));
}

/**
 * Sets one value of a per-CPU map to zero, on every CPU.
 *
 * @throws {KernelError}
 */
export function clearPerCpu(map: Descriptor, key: Uint8Array, valueSize: number): void {
  update(map, key, Buffer.alloc(perCpuStride(valueSize) * possibleCpus()));
}

/**
 * Deletes one entry.
 *
 * @returns whether it was there.
 * @throws {KernelError}
 */
export function remove(map: Descriptor, key: Uint8Array): boolean {
  const result = libbpf().mapDelete(map.fd, key);
  if (result === -ENOENT) return false;
  checked('delete from a map', result);
  return true;
}

/** Every key of a map, in the map's own order. */
export function* keys(map: Descriptor): Generator<Buffer> {
  const { keySize } = mapInfo(map);
  let previous: Buffer | null = null;
  for (;;) {
    const key: Buffer = Buffer.alloc(keySize);
    const result: number = libbpf().mapNextKey(map.fd, previous, key);
    if (result === -ENOENT) return;
    if (result < 0) throw new KernelError('list map keys', -result);
    yield key;
    previous = key;
  }
}

/** The key of an array's entry. */
export function index(value: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(value);
  return key;
}

function possibleCpus(): number {
  return checked('count CPUs', libbpf().possibleCpus());
}

function perCpuStride(valueSize: number): number {
  return Math.ceil(valueSize / 8) * 8;
}
