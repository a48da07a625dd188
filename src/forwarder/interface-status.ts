import { wallClock } from '../kernel/clock.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { linkInfo, programById, programInfo } from '../kernel/info.js';
import { interfaceIndex } from '../kernel/interface.js';
import type { Installed } from '../lifecycle/installed.js';
import { lookAgain } from '../lifecycle/look-again.js';
import { readInterfaces } from './host.js';
import { attachedInterfaces, programOn } from './installation.js';

/** An interface that the forwarder was attached to. */
export interface InterfaceStatus {
  readonly name: string;
  /** In the driver, or in the network stack; `gone` where the interface is, or was made anew. */
  readonly mode: 'native' | 'generic' | 'gone';
  readonly programId: number;
  readonly linkId: number;
  readonly loadedAt: Date;
}

/** @throws KernelError, IpError */
export async function readInterfaceStatuses(installed: Installed): Promise<InterfaceStatus[]> {
  const modes = new Map((await readInterfaces()).map(({ name, xdp }) => [name, xdp?.mode]));
  return attachedInterfaces().flatMap((name) => {
    const link = installed.links.get(programOn(name).pin);
    return link === undefined ? [] : [lookAgain(() => statusOf(name, link, modes.get(name)))];
  });
}

function statusOf(name: string, link: Descriptor, mode: 'native' | 'generic' = 'native'): InterfaceStatus {
  const { id: linkId, programId, ifindex } = linkInfo(link);
  using program = programById(programId);
  return {
    name,
    mode: ifindex === interfaceIndex(name) ? mode : 'gone',
    programId,
    linkId,
    loadedAt: wallClock(programInfo(program).loadedAt),
  };
}
