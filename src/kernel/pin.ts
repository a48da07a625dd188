import { checked, Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';

/** Gives a kernel object a name in bpffs; it then outlives this process. */
export function pin(object: Descriptor, path: string): void {
  checked(`pin ${path}`, libbpf().objPin(object.fd, path));
}

/** @throws {KernelError} ENOENT where nothing is pinned there. */
export function openPinned(path: string): Descriptor {
  return new Descriptor(checked(`open ${path}`, libbpf().objGet(path)));
}
