/** The handful of BPF instructions that probes are made of: struct bpf_insn of include/uapi/linux/bpf.h. */

const SIZE = 8;
const CONTEXT = 1;
const SCRATCH = 2;

function instruction(
  code: number,
  destination: number,
  source: number,
  offset: number,
  value: number,
): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes[0] = code;
  bytes[1] = destination | (source << 4);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}

/** Ends the program with 1, which in cgroup programs means: go on. */
const allow = [instruction(0xb7, 0, 0, 0, 1), instruction(0x95, 0, 0, 0, 0)];

/** A program that does nothing. */
export function doNothing(): Buffer {
  return Buffer.concat(allow);
}

/** A program that reads eight bytes of its context. */
export function readContext(offset: number): Buffer {
  return Buffer.concat([instruction(0x79, SCRATCH, CONTEXT, offset, 0), ...allow]);
}

/** A program that calls a helper (enum bpf_func_id), with its context as the first argument. */
export function callHelper(helper: number): Buffer {
  return Buffer.concat([instruction(0x85, 0, 0, 0, helper), ...allow]);
}
