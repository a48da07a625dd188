import { Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';
import { askWhy, XdpRefusedError } from './xdp-refusal.js';

/** enum bpf_attach_type */
const BPF_XDP = 37;

/** Where in the kernel the program runs: XDP_FLAGS_* of include/uapi/linux/if_link.h. */
export const XdpMode = {
  /** In the driver, before anything is made of a frame. */
  native: 1 << 2,
  /** In the network stack, on what generic receive offload has merged: slow, for interfaces without the other. */
  generic: 1 << 1,
} as const;
export type XdpMode = (typeof XdpMode)[keyof typeof XdpMode];

/** Of struct bpf_link_create_opts, as much as has the flags. */
const OPTIONS = { size: 16, flags: 8 } as const;

/**
 * Attaches an XDP program to an interface, which has room for one. The link is broken when it is closed, unless it is
 * pinned, and with the interface.
 *
 * @throws {XdpRefusedError} with the driver's reason and what to do about it
 */
export function attachXdp(program: Descriptor, ifindex: number, name: string, mode: XdpMode): Descriptor {
  const options = Buffer.alloc(OPTIONS.size);
  options.writeBigUInt64LE(BigInt(OPTIONS.size));
  options.writeUInt32LE(mode, OPTIONS.flags);
  const result = libbpf().linkCreate(program.fd, ifindex, BPF_XDP, options);
  if (result >= 0) return new Descriptor(result);
  throw new XdpRefusedError(name, -result, askWhy(program, ifindex, mode));
}
