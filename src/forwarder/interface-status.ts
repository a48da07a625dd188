import { wallClock } from '../kernel/clock.js';
import { linkInfo, programById, programInfo } from '../kernel/info.js';
import { interfaceIndex } from '../kernel/interface.js';
import type { Installed } from '../lifecycle/installed.js';
import { attachedInterfaces, programOn } from './installation.js';
import { ipBatch } from './ip.js';

/** An interface that the forwarder was attached to. */
export interface InterfaceStatus {
  readonly name: string;
  /** In the driver, or in the network stack; `gone` where the interface is, or was made anew. */
  readonly mode: 'native' | 'generic' | 'gone';
  readonly programId: number;
  readonly linkId: number;
  readonly loadedAt: Date;
}

/** XDP_ATTACHED_SKB of include/uapi/linux/if_link.h, which only netlink tells. */
const ATTACHED_GENERIC = 2;

/** @throws KernelError, IpError */
export async function readInterfaces(installed: Installed): Promise<InterfaceStatus[]> {
  const { output } = await ipBatch(['-json'], ['link show']);
  const modes = new Map(
    (JSON.parse(output) as { ifname: string; xdp?: { mode: number } }[]).map(({ ifname, xdp }) => [
      ifname,
      xdp?.mode,
    ]),
  );
  return attachedInterfaces().flatMap((name) => {
    const link = installed.links.get(programOn(name).pin);
    if (link === undefined) return [];
    const { id: linkId, programId, ifindex } = linkInfo(link);
    using program = programById(programId);
    const gone = ifindex !== interfaceIndex(name);
    return [
      {
        name,
        mode: gone ? 'gone' : modes.get(name) === ATTACHED_GENERIC ? 'generic' : 'native',
        programId,
        linkId,
        loadedAt: wallClock(programInfo(program).loadedAt),
      },
    ];
  });
}
