import { checked } from './descriptor.js';
import { libbpf } from './libbpf.js';

const ENOENT = 2;

/**
 * The ids of all programs in the kernel, whoever loaded them, in ascending order.
 *
 * @throws {KernelError}
 */
export function* programIds(): Generator<number> {
  const next = Buffer.alloc(4);
  for (let id = 0; ; ) {
    const result = libbpf().progNextId(id, next);
    if (result === -ENOENT) return;
    checked('list programs', result);
    id = next.readUInt32LE();
    yield id;
  }
}
