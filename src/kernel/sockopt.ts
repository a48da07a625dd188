import koffi from 'koffi';
import { KernelError } from './errors.js';

const getsockoptCall = koffi
  .load(null)
  .func('int getsockopt(int fd, int level, int name, void *value, void *length)');

/**
 * getsockopt(2): at most `size` bytes of the option's value.
 *
 * @throws {KernelError}
 */
export function getsockopt(fd: number, level: number, name: number, size: number): Buffer {
  const value = Buffer.alloc(size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size);
  if (getsockoptCall(fd, level, name, value, length) !== 0)
    throw new KernelError(`getsockopt level ${level} option ${name}`, koffi.errno());
  return value.subarray(0, length.readUInt32LE());
}
