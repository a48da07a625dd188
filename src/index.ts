/**
 * TruePeer as a library: the same powers as the command line.
 *
 * Everything that changes the kernel needs root; {@link clientOf} needs nothing.
 */
export { CgroupError } from './kernel/cgroup.js';
export { KernelError } from './kernel/errors.js';
export { LibbpfMissingError } from './kernel/libbpf.js';
export { PrivilegeError } from './kernel/privilege.js';
export type { AttachResult } from './lifecycle/attach.js';
export { AttachedOtherwiseError, NotAttachedError } from './lifecycle/errors.js';
export { attachReceiver } from './receiver/attach.js';
export { type Client, clientOf } from './receiver/client-of.js';
export { type Connection, listConnections } from './receiver/connections.js';
export { detachReceiver } from './receiver/detach.js';
export { type Decision, followDecisions, recentRefusals } from './receiver/explain.js';
export { OUTCOMES, type Outcome, type OutcomeName } from './receiver/outcomes.js';
export { REFUSABLE, type ReceiverSettings, type Refusable } from './receiver/settings.js';
export { classicStats, type ReceiverStats, readStats } from './receiver/stats.js';
export {
  type AttachedProgram,
  type AttachedStatus,
  type ReceiverStatus,
  readStatus,
} from './receiver/status.js';
