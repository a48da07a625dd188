import { detach } from '../lifecycle/detach.js';
import { RECEIVER } from './plan.js';

/**
 * Detaches the receiver and removes every trace of it. Connections go on; from then on getpeername() says the
 * forwarder for all of them. Listeners whose SYNs were kept for a profile have them kept until they close.
 *
 * @returns whether there was anything to detach.
 * @throws PrivilegeError, KernelError
 */
export function detachReceiver(): boolean {
  return detach(RECEIVER);
}
