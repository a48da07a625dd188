import { checked, Descriptor } from './descriptor.js';
import { libbpf } from './libbpf.js';

/** enum bpf_stats_type of include/uapi/linux/bpf.h. */
const BPF_STATS_RUN_TIME = 0;

/**
 * Makes the kernel count runs and run time of every program on the host, see `programInfo()`. Each run then also reads
 * the clock twice.
 *
 * @returns what ends it, when it is disposed of.
 * @throws {KernelError}
 */
export function enableStatistics(): Descriptor {
  return new Descriptor(checked('enable program statistics', libbpf().enableStats(BPF_STATS_RUN_TIME)));
}
