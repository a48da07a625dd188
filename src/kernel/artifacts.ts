import { fileURLToPath } from 'node:url';

/** The path of a compiled BPF object that this package ships, such as `receiver` for dist/bpf/receiver.bpf.o. */
export function objectPath(name: string): string {
  return fileURLToPath(new URL(`../../bpf/${name}.bpf.o`, import.meta.url));
}
