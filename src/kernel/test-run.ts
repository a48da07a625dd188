import { checked, type Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';
import { NativeMemory } from './memory.js';

/** struct bpf_test_run_opts of libbpf's bpf.h. */
const OPTIONS = {
  size: 80,
  dataIn: 8,
  dataOut: 16,
  dataSizeIn: 24,
  dataSizeOut: 28,
  contextIn: 32,
  contextSizeIn: 48,
  result: 56,
  repeat: 60,
  duration: 64,
  flags: 68,
} as const;

/** struct xdp_md of include/uapi/linux/bpf.h, as far as a test run takes it. */
const XDP_CONTEXT = { size: 24, dataEnd: 4, ifindex: 12 } as const;

const BPF_F_TEST_XDP_LIVE_FRAMES = 2;

export interface PacketRun {
  /** Of the packet, in bytes, where that is not the whole memory. */
  readonly length?: number;
  /** An XDP program's packet comes in through this interface, by number; needed where the program looks at it. */
  readonly ifindex?: number;
  /** How many times, for measuring; once unless given. What one run makes of the packet is the next one's. */
  readonly repeat?: number;
}

export interface PacketResult {
  /** What the program returned. */
  readonly returned: number;
  /** Of the packet afterwards, in bytes; more than its memory holds where the program made it longer than that. */
  readonly length: number;
  /** Mean time of one run, in nanoseconds. */
  readonly nanoseconds: number;
}

/**
 * Runs a program on a packet (BPF_PROG_TEST_RUN), outside of any network. The packet's bytes afterwards are what the
 * program made of them.
 *
 * @throws {KernelError} ENOTSUPP (524) for program types that have no test run; EINVAL for a packet the kernel does not
 *   take: shorter than an Ethernet header, or, an XDP program's, too long for a page with some room at both ends;
 *   ENOSPC for one that came to be longer than its memory.
 */
export function runOnPacket(program: Descriptor, packet: NativeMemory, run: PacketRun = {}): PacketResult {
  const { length = packet.bytes.length, ifindex, repeat = 1 } = run;
  using context = ifindex === undefined ? undefined : xdpContext(length, ifindex);
  const options = newOptions();
  options.writeBigUInt64LE(packet.address, OPTIONS.dataIn);
  options.writeBigUInt64LE(packet.address, OPTIONS.dataOut);
  options.writeUInt32LE(length, OPTIONS.dataSizeIn);
  options.writeUInt32LE(packet.bytes.length, OPTIONS.dataSizeOut);
  options.writeInt32LE(repeat, OPTIONS.repeat);
  setContext(options, context);
  checked('run a program on a packet', libbpf().progTestRun(program.fd, options));
  return {
    returned: options.readUInt32LE(OPTIONS.result),
    length: options.readUInt32LE(OPTIONS.dataSizeOut),
    nanoseconds: options.readUInt32LE(OPTIONS.duration),
  };
}

/**
 * Gives a frame to an XDP program as if it had come in through an interface; what the program decides is done
 * (XDP_TX, XDP_REDIRECT, XDP_PASS). Linux 5.18.
 *
 * @param frame from its Ethernet header on.
 * @param length of the frame, in bytes, where that is not the whole memory.
 * @throws {KernelError} EINVAL for a frame that is shorter than an Ethernet header or longer than a page has room for;
 *   ENODEV for an interface that is gone.
 */
export function injectFrame(
  program: Descriptor,
  frame: NativeMemory,
  ifindex: number,
  length: number = frame.bytes.length,
): void {
  using context = xdpContext(length, ifindex);
  const options = newOptions();
  options.writeBigUInt64LE(frame.address, OPTIONS.dataIn);
  options.writeUInt32LE(length, OPTIONS.dataSizeIn);
  options.writeInt32LE(1, OPTIONS.repeat);
  options.writeUInt32LE(BPF_F_TEST_XDP_LIVE_FRAMES, OPTIONS.flags);
  setContext(options, context);
  checked('inject a frame', libbpf().progTestRun(program.fd, options));
}

/**
 * Runs a syscall program once. It reads and writes its context in place. Linux 5.14.
 *
 * @returns what the program returned.
 * @throws {KernelError}
 */
export function runSyscallProgram(program: Descriptor, context: NativeMemory): number {
  const options = newOptions();
  setContext(options, context);
  checked('run a syscall program', libbpf().progTestRun(program.fd, options));
  return options.readUInt32LE(OPTIONS.result);
}

function newOptions(): Buffer {
  const options = Buffer.alloc(OPTIONS.size);
  options.writeBigUInt64LE(BigInt(OPTIONS.size));
  return options;
}

function setContext(options: Buffer, context: NativeMemory | undefined): void {
  if (context === undefined) return;
  options.writeBigUInt64LE(context.address, OPTIONS.contextIn);
  options.writeUInt32LE(context.bytes.length, OPTIONS.contextSizeIn);
}

function xdpContext(length: number, ifindex: number): NativeMemory {
  const context = new NativeMemory(XDP_CONTEXT.size);
  context.bytes.writeUInt32LE(length, XDP_CONTEXT.dataEnd);
  context.bytes.writeUInt32LE(ifindex, XDP_CONTEXT.ifindex);
  return context;
}
