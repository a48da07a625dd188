import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release } from 'node:os';

/** Where the figures come from. */
export interface Machine {
  /** Version numbers only. */
  readonly kernel: string;
  readonly arch: string;
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  /** Whether it is a virtual machine, which shares its cores with others it knows nothing of. */
  readonly virtual: boolean;
  /** The minute's load average before anything was measured; with none, each figure had its core to itself. */
  readonly load: number;
}

export function thisMachine(): Machine {
  return {
    kernel: release().match(/^[\d.]+/)?.[0] ?? release(),
    arch: arch(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.versions.node,
    virtual: /^flags\s*:.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')),
    load: loadavg()[0]!,
  };
}

/** `Linux 6.18.44, x64, 2 cores of AMD EPYC (virtual machine), Node.js 20.20.2` */
export function describeMachine({ kernel, arch, processor, cores, node, virtual }: Machine): string {
  const where = virtual ? ' (virtual machine)' : '';
  return `Linux ${kernel}, ${arch}, ${cores} cores of ${processor}${where}, Node.js ${node}`;
}
