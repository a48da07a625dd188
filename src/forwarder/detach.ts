import { detach } from '../lifecycle/detach.js';
import { forwarderPlan } from './installation.js';
import { forgetNeighbours } from './neighbours.js';

/**
 * Detaches the forwarder and removes every trace of it. Connections through it end: nothing forwards their packets any
 * more, and the host answers those for its own addresses with a RST. A daemon that looks after it ends.
 *
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, KernelError, IpError
 */
export async function detachForwarder(): Promise<boolean> {
  const detached = detach(forwarderPlan());
  await forgetNeighbours();
  return detached;
}
