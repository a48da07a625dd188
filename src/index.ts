/**
 * TruePeer as a library: receivers and taggers as the command line has them. A forwarder is run by the command line.
 *
 * Everything that changes the kernel needs root; {@link clientOf} needs nothing.
 */
export type { Config, ReceiverConfig } from './config/config.js';
export { ConfigError, ConfigFileError, type ConfigProblem, NoTrustError } from './config/errors.js';
export { readConfig } from './config/read.js';
export { receiverSettings } from './config/receiver-settings.js';
export { detachForwarder } from './forwarder/detach.js';
export type { BackendSettings, ForwarderSettings, ServiceSettings } from './forwarder/settings.js';
export { CgroupError } from './kernel/cgroup.js';
export { KernelError } from './kernel/errors.js';
export { LibbpfMissingError } from './kernel/libbpf.js';
export { PrivilegeError } from './kernel/privilege.js';
export type { AttachResult } from './lifecycle/cgroup-attach.js';
export { AttachedOtherwiseError, NotAttachedError } from './lifecycle/errors.js';
export type { AttachedProgram } from './lifecycle/health.js';
export { attachReceiver } from './receiver/attach.js';
export { type Client, clientOf } from './receiver/client-of.js';
export { type Connection, listConnections } from './receiver/connections.js';
export { detachReceiver } from './receiver/detach.js';
export { type Decision, followDecisions, recentRefusals } from './receiver/explain.js';
export { OUTCOMES, type Outcome, type OutcomeName } from './receiver/outcomes.js';
export { REFUSABLE, type ReceiverSettings, type Refusable } from './receiver/settings.js';
export { classicStats, type ReceiverStats, readStats } from './receiver/stats.js';
export {
  type AttachedStatus,
  type ReceiverStatus,
  readStatus,
} from './receiver/status.js';
export { TrustError } from './receiver/trust.js';
export { attachTagger } from './tagger/attach.js';
export { listTaggedConnections, type TaggedConnection } from './tagger/connections.js';
export { detachTagger } from './tagger/detach.js';
export { followTagDecisions, recentUntagged, type TagDecision } from './tagger/explain.js';
export { TAG_OUTCOMES, type TagOutcomeName } from './tagger/outcomes.js';
export {
  kindsFor,
  kindsOfProfile,
  TAGGED_SEGMENTS,
  type TaggedSegment,
  TaggerKindError,
  type TaggerKinds,
  type TaggerSettings,
} from './tagger/settings.js';
export { readTaggerStats, type TaggerStats } from './tagger/stats.js';
export { readTaggerStatuses, type TaggerStatus } from './tagger/status.js';
