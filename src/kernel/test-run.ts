import { checked, type Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';
import type { NativeMemory } from './memory.js';

/** struct bpf_test_run_opts of libbpf's bpf.h. */
const OPTIONS = { size: 80, dataIn: 8, dataOut: 16, dataSizeIn: 24, dataSizeOut: 28, result: 56 } as const;

/**
 * Runs a program once on a packet (BPF_PROG_TEST_RUN), outside of any network. The packet's bytes afterwards are what
 * the program made of them.
 *
 * @param length of the packet, in bytes, where that is not the whole memory.
 * @returns what the program returned.
 * @throws {KernelError} ENOTSUPP (524) for program types that have no test run; EINVAL for a packet the kernel does not
 *   take: shorter than an Ethernet header, or, an XDP program's, too long for a page with some room at both ends.
 */
export function testRun(
  program: Descriptor,
  packet: NativeMemory,
  length: number = packet.bytes.length,
): number {
  const options = Buffer.alloc(OPTIONS.size);
  options.writeBigUInt64LE(BigInt(OPTIONS.size));
  options.writeBigUInt64LE(packet.address, OPTIONS.dataIn);
  options.writeBigUInt64LE(packet.address, OPTIONS.dataOut);
  options.writeUInt32LE(length, OPTIONS.dataSizeIn);
  options.writeUInt32LE(length, OPTIONS.dataSizeOut);
  checked('run a program on a packet', libbpf().progTestRun(program.fd, options));
  return options.readUInt32LE(OPTIONS.result);
}
