import { Descriptor } from './descriptor.js';
import { KernelError } from './errors.js';
import { libbpf } from './libbpf.js';
import { NativeMemory } from './memory.js';

/** enum bpf_prog_type of include/uapi/linux/bpf.h. */
export const ProgramType = { xdp: 6, sockOps: 13, sockAddr: 18, sockopt: 25, syscall: 31 } as const;
export type ProgramType = (typeof ProgramType)[keyof typeof ProgramType];

/** What a hand-made program is loaded as. */
export interface ProgramKind {
  readonly type: ProgramType;
  /** enum bpf_attach_type, for types that are checked against one. */
  readonly attachType?: number;
}

const LOG_BYTES = 1 << 16;
const OPTIONS = { size: 104, attachType: 12, logLevel: 88, logSize: 92, log: 96 };
const INSTRUCTION_BYTES = 8;

/**
 * Loads a program given as instructions.
 *
 * @throws {KernelError} with the verifier's log, where the kernel refuses it.
 */
export function loadInstructions(
  kind: ProgramKind,
  instructions: Buffer,
  name = 'truepeer_probe',
): Descriptor {
  using log = new NativeMemory(LOG_BYTES);
  const options = Buffer.alloc(OPTIONS.size);
  options.writeBigUInt64LE(BigInt(OPTIONS.size));
  options.writeUInt32LE(kind.attachType ?? 0, OPTIONS.attachType);
  options.writeUInt32LE(1, OPTIONS.logLevel);
  options.writeUInt32LE(LOG_BYTES, OPTIONS.logSize);
  options.writeBigUInt64LE(log.address, OPTIONS.log);
  const count = instructions.length / INSTRUCTION_BYTES;
  const result = libbpf().progLoad(kind.type, name, 'Dual BSD/GPL', instructions, count, options);
  if (result < 0) throw new KernelError(`load ${name}`, -result, log.text);
  return new Descriptor(result);
}
