import { detach } from '../lifecycle/detach.js';
import { forwarderPlan } from './installation.js';

/**
 * Detaches the forwarder and removes every trace of it. Connections through it end: nothing forwards their packets any
 * more, and the host answers those for its own addresses with a RST.
 *
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, KernelError
 */
export function detachForwarder(): boolean {
  return detach(forwarderPlan());
}
