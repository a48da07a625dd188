import { linkInfo } from '../kernel/info.js';
import { interfaceIndex } from '../kernel/interface.js';
import { attachXdp, XdpMode } from '../kernel/xdp-link.js';
import type { Anchor } from '../lifecycle/attach.js';
import type { InterfaceProgram } from './installation.js';

/** An interface that is not there. */
export class NoInterfaceError extends Error {
  override readonly name = 'NoInterfaceError';

  constructor(name: string) {
    super(`there is no interface ${name}: \`ip link\` lists those there are`);
  }
}

/** Attaches programs to interfaces, each to its own. */
export function interfaceAnchor(isGeneric: boolean): Anchor<InterfaceProgram> {
  return {
    attach: (program, { interface: name }) => {
      const ifindex = interfaceIndex(name);
      if (ifindex === undefined) throw new NoInterfaceError(name);
      return attachXdp(program, ifindex, name, isGeneric ? XdpMode.generic : XdpMode.native);
    },
    // An interface that was made anew under the same name is another one.
    isAlive: (link, { interface: name }) => linkInfo(link).ifindex === interfaceIndex(name),
  };
}
